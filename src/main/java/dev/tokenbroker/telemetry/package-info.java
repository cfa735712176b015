/** What is watched: meters, audit log, spans, readiness. Observes exchanges; never decides one. */
@NullMarked
package dev.tokenbroker.telemetry;

import org.jspecify.annotations.NullMarked;
