/**
 * Tests of {@code process.runtime}.
 *
 * <p>Stand-ins and set-up: {@link AtOnce}, {@link DefaultSettings}, {@link Latch}, {@link Logged},
 * {@link NamedTls}, {@link Program}, {@link TestClock}, {@link Unchecked}.
 */
@NullMarked
package dev.tokenbroker.process.runtime;

import org.jspecify.annotations.NullMarked;
