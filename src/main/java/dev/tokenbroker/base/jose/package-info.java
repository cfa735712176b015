/**
 * In: JWS and JWK texts and keys (RFC 7515, 7517). Out: strictly parsed values, checked and made
 * signatures. Knows no issuer and no token. Open {@code CompactJws} first.
 */
@NullMarked
package dev.tokenbroker.base.jose;

import org.jspecify.annotations.NullMarked;
