/**
 * In: a DPoP proof (RFC 9449) or a client certificate (RFC 8705). Out: the keys that a caller has
 * proved to hold, which only this package makes. Open {@code ProofVerifier} first.
 */
@NullMarked
package dev.tokenbroker.judge.possession;

import org.jspecify.annotations.NullMarked;
