/**
 * Strict parsers for JSON, JWS and JWK (RFC 8259, RFC 7515, RFC 7517), signatures, digests, and
 * files of bounded size. The package knows no issuer and no token.
 */
@NullMarked
package dev.tokenbroker.jose;

import org.jspecify.annotations.NullMarked;
