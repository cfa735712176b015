/**
 * Tests of {@code edges.grpc}.
 *
 * <p>Stand-ins and set-up: {@link AskAndCancel}, {@link AuditLines}, {@link BrokerClient}, {@link
 * Callers}, {@link DeafPeer}, {@link Eventually}, {@link FailureLog}, {@link GrpcPort}, {@link
 * Http2Connection}, {@link Http2Frames}, {@link MovableClock}, {@link MutualTls}, {@link Patience},
 * {@link RawCalls}, {@link RawMessages}, {@link ServingNames}, {@link TestFederation}.
 */
@NullMarked
package dev.tokenbroker.edges.grpc;

import org.jspecify.annotations.NullMarked;
