/**
 * The trusted issuers and their keys. Owns discovery, key sets and their freshness; does not judge
 * credentials. Called by {@code credential} and {@code federation}; {@code token} reads its own
 * upstreams' discovery documents and JSON by the same rules.
 *
 * <p>Lying below all that need it, it also has what belongs to nobody: {@link
 * dev.tokenbroker.issuer.BoundedFile} and {@link dev.tokenbroker.issuer.Sha256}.
 */
@NullMarked
package dev.tokenbroker.issuer;

import org.jspecify.annotations.NullMarked;
