/**
 * Tests of {@code judge.possession}.
 *
 * <p>Stand-ins and set-up: {@link TestDpopSettings}, {@link TestProof}.
 */
@NullMarked
package dev.tokenbroker.judge.possession;

import org.jspecify.annotations.NullMarked;
