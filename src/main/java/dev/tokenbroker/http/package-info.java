/**
 * The HTTP edge: the token, introspection and revocation endpoints, well-known documents, and
 * verdicts, changes and explanations for operators. Only {@code RefusalResponse} maps refusals to
 * HTTP statuses. Of the packages above, the console opens streams to operators here.
 */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
