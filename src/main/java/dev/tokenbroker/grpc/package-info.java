/**
 * The gRPC edge: reads requests and writes responses, with health and reflection. Only {@link
 * dev.tokenbroker.grpc.RefusalStatus} knows status codes.
 */
@NullMarked
package dev.tokenbroker.grpc;

import org.jspecify.annotations.NullMarked;
