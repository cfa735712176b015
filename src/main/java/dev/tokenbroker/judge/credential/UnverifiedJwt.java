package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.refusal.Outcome;
import java.util.Map;

/**
 * A well-formed JWT in compact serialisation, before verification (RFC 7515 section 7.1, RFC 7519
 * section 7.2). Anybody can create one with any content. Do not trust its claims until its
 * signature is verified.
 *
 * <p>The header and the claims are decoded once, in {@link #parse}; their decoded bytes are not
 * kept. The record holds the token text, so {@link #toString()} shows no content.
 *
 * @param registered the registered claims; only their presence and types are checked
 * @param claims all claims, deeply immutable
 */
record UnverifiedJwt(
    JoseHeader header,
    RegisteredClaims registered,
    Map<String, Object> claims,
    CompactJws.Signed signed) {

  /**
   * Reads a credential. A credential without a signature is malformed, whatever its {@code alg}.
   *
   * @return the JWT; or the refusal {@code CREDENTIAL_TOO_LARGE}, {@code CREDENTIAL_MALFORMED},
   *     {@code CREDENTIAL_NOT_SUPPORTED} or {@code CLAIM_MISSING}
   */
  static Outcome<UnverifiedJwt> parse(String compact, int maxSizeBytes) {
    return CompactJws.parse(compact, maxSizeBytes).then(UnverifiedJwt::read);
  }

  private static Outcome<UnverifiedJwt> read(CompactJws jws) {
    return jws.header()
        .then(JoseHeader::read)
        .then(
            header ->
                jws.claims()
                    .then(
                        claims ->
                            RegisteredClaims.read(claims)
                                .map(
                                    registered ->
                                        new UnverifiedJwt(
                                            header, registered, claims, jws.signed()))));
  }

  /** The bytes that the signature must cover; a new array for each call. */
  byte[] signingInput() {
    return signed.signingInput();
  }

  /** The signature bytes. The array is not a copy: do not change it. */
  byte[] signature() {
    return signed.signature();
  }

  @Override
  public String toString() {
    return "UnverifiedJwt";
  }
}
