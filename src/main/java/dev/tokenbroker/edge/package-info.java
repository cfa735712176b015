/**
 * What both edges share: the caller's certificate, the addresses at which callers reach this broker
 * and what proxies say of them, the trace of a call, readiness, and the drain before the end.
 *
 * <p>Knows neither messages of gRPC nor forms of HTTP. Called by {@code grpc}, {@code http}, {@code
 * telemetry} and {@code runtime}.
 */
@NullMarked
package dev.tokenbroker.edge;

import org.jspecify.annotations.NullMarked;
