/**
 * Tests of {@code edges.telemetry}.
 *
 * <p>Stand-ins and set-up: {@link AlertRules}, {@link AllMeters}, {@link AuditTexts}, {@link
 * Dashboard}, {@link Golden}, {@link Guards}, {@link Issuers}, {@link MeterQueries}, {@link
 * Records}, {@link Settings}, {@link SteppedClock}.
 */
@NullMarked
package dev.tokenbroker.edges.telemetry;

import org.jspecify.annotations.NullMarked;
