/**
 * The HTTP edge: the token, introspection and revocation endpoints, well-known documents, and
 * verdicts, changes, replicas and explanations for operators. Only {@code RefusalResponse} maps
 * refusals to HTTP statuses. Of the packages above, the console opens streams to operators here,
 * and describes replicas as this package does.
 */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
