/**
 * The broker with the API servers of Kubernetes clusters as issuers.
 *
 * <p>Stand-ins and set-up: {@link ClusterFiles}, {@link FakeApiServer}.
 */
@NullMarked
package dev.tokenbroker.kubernetes;

import org.jspecify.annotations.NullMarked;
