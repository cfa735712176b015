/**
 * The broker's own tokens: what a peer needs that must know the broker itself. Named clients of
 * {@code quarkus.oidc-client} get them from a provider.
 *
 * <p>The package owns the last token of each client, its refresh, the bound on requests to the
 * provider, and the reason why there is no token. It does not exchange credentials: package {@code
 * sts} does. It is the only package that uses the OIDC client.
 */
@NullMarked
package dev.tokenbroker.oidc;

import org.jspecify.annotations.NullMarked;
