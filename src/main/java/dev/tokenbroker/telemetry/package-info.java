/**
 * Meters, audit records, spans, and health over HTTP. It observes exchanges and reads states; it
 * never decides anything.
 */
@NullMarked
package dev.tokenbroker.telemetry;

import org.jspecify.annotations.NullMarked;
