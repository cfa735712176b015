/**
 * The gRPC edge: reads requests, writes responses; and gRPC health. Only {@link
 * dev.tokenbroker.grpc.RefusalStatus} knows status codes.
 */
@NullMarked
package dev.tokenbroker.grpc;

import org.jspecify.annotations.NullMarked;
