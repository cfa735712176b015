/**
 * JSON, JWS and JWK read strictly, signatures made and checked, digests (RFC 7515, RFC 7517, RFC
 * 8259). Knows no issuer and no token.
 */
@NullMarked
package dev.tokenbroker.jose;

import org.jspecify.annotations.NullMarked;
