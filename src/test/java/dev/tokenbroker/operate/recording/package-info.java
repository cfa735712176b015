/**
 * Tests of {@code operate.recording}.
 *
 * <p>Stand-ins and set-up: {@link RunningRecorder}.
 */
@NullMarked
package dev.tokenbroker.operate.recording;

import org.jspecify.annotations.NullMarked;
