/**
 * Tests of {@code base.time}.
 *
 * <p>Stand-ins and set-up: {@link TestClocks}.
 */
@NullMarked
package dev.tokenbroker.base.time;

import org.jspecify.annotations.NullMarked;
