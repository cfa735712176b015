/**
 * In: HTTP requests for tokens, introspection, revocation and well-known documents. Out: responses;
 * {@code RefusalResponse} maps refusals, and {@code AwsRoute} those of its own protocol. Open
 * {@code TokenRoute} first.
 */
@NullMarked
package dev.tokenbroker.edges.http.token;

import org.jspecify.annotations.NullMarked;
