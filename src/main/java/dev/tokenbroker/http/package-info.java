/**
 * The HTTP edge: the token, introspection and revocation endpoints, the well-known documents that
 * clients and verifiers of our tokens read, and verdicts for operators.
 *
 * <p>Owns media types, forms, cache headers and error bodies; only {@code RefusalResponse} maps
 * refusals to statuses. Vert.x and Quarkus own connections, limits, timeouts and body reading. Does
 * not know keys or rules. Nothing in the broker calls it.
 */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
