/**
 * The HTTP edge: the token, introspection and revocation endpoints, well-known documents, and
 * verdicts for operators. Only {@code RefusalResponse} maps refusals to HTTP statuses. No other
 * package uses this one.
 */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
