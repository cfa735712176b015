/**
 * The gRPC edge: reads requests, writes responses. Only {@code door/RefusalStatus} knows status
 * codes.
 */
@NullMarked
package dev.tokenbroker.grpc;

import org.jspecify.annotations.NullMarked;
