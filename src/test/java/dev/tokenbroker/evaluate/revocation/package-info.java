/**
 * Tests of {@code evaluate.revocation}.
 *
 * <p>Stand-ins and set-up: {@link TestAccess}, {@link TestObservers}, {@link TestRevocations}.
 */
@NullMarked
package dev.tokenbroker.evaluate.revocation;

import org.jspecify.annotations.NullMarked;
