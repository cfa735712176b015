/**
 * The gRPC edge: the server with its limits and TLS, the broker's methods, health and reflection.
 * It decides nothing about exchanges. Only {@link dev.tokenbroker.grpc.RefusalStatus} knows status
 * codes.
 */
@NullMarked
package dev.tokenbroker.grpc;

import org.jspecify.annotations.NullMarked;
