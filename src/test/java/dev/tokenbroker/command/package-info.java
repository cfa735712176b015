/**
 * Tests of {@code command}.
 *
 * <p>Stand-ins and set-up: {@link DoctorBench}, {@link ProducedArtifact}, {@link Samples}, {@link
 * Shell}.
 */
@NullMarked
package dev.tokenbroker.command;

import org.jspecify.annotations.NullMarked;
