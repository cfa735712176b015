/**
 * In: gRPC calls. Out: answers and statuses; only {@code RefusalStatus} knows status codes. Decides
 * nothing about exchanges. Open {@code TokenBrokerService} first.
 */
@NullMarked
package dev.tokenbroker.edges.grpc;

import org.jspecify.annotations.NullMarked;
