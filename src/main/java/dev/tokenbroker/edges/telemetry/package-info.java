/**
 * In: exchanges and states. Out: meters, audit records, spans, health. Decides nothing. Open {@code
 * StateMeters} first.
 */
@NullMarked
package dev.tokenbroker.edges.telemetry;

import org.jspecify.annotations.NullMarked;
