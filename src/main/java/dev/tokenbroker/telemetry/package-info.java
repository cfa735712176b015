/**
 * What is watched: meters, audit log, spans, health over HTTP. Observes exchanges and reads states;
 * never decides anything and never calls out.
 *
 * <p>{@link dev.tokenbroker.telemetry.AuditLog}, {@link dev.tokenbroker.telemetry.ExchangeMeters}
 * and {@link dev.tokenbroker.telemetry.ExchangeSpans} are told of each evaluation. {@link
 * dev.tokenbroker.telemetry.StateRefresh} follows what changes between them: the federation, its
 * issuers and upstreams, the signing keys. What meters are worth an alarm stands in {@code
 * docker/prometheus/rules.yml}. Nothing may call this package.
 */
@NullMarked
package dev.tokenbroker.telemetry;

import org.jspecify.annotations.NullMarked;
