/**
 * In: HTTP requests for tokens, introspection, revocation, well-known documents, and what operators
 * read. Out: responses; only {@code RefusalResponse} maps refusals. Open {@code TokenRoute} first.
 */
@NullMarked
package dev.tokenbroker.edges.http;

import org.jspecify.annotations.NullMarked;
