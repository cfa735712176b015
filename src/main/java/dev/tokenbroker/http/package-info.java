/**
 * The HTTP edge: the token endpoint, the well-known documents that verifiers of our tokens and
 * clients read, and who may read verdicts.
 *
 * <p>Owns media types, forms, cache headers and bodies of errors; only {@code RefusalResponse}
 * knows which refusal has which status. Knows neither keys nor rules. Called by nobody but HTTP
 * clients.
 */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
