package dev.tokenbroker.credential;

import dev.tokenbroker.jose.CompactJws;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.Map;

/**
 * A signed JWT in compact serialisation that could be read (RFC 7515 section 7.1, RFC 7519 section
 * 7.2). Anybody can make one that says anything: what it claims is a claim until its signature has
 * been verified.
 *
 * <p>Header and claims are decoded once, here, and their bytes not kept. It holds token bytes and
 * is shown nowhere.
 *
 * @param registered the registered claims, in their right types and otherwise not judged
 * @param claims all claims, deeply immutable
 */
record UnverifiedJwt(
    JoseHeader header,
    RegisteredClaims registered,
    Map<String, Object> claims,
    CompactJws.Signed signed) {

  /**
   * Reads a credential.
   *
   * @return the JWT; or the refusal {@code CREDENTIAL_TOO_LARGE}, {@code CREDENTIAL_MALFORMED},
   *     {@code CREDENTIAL_NOT_SUPPORTED} or {@code CLAIM_MISSING}. A credential without a signature
   *     is malformed, whatever its {@code alg} says
   */
  static Outcome<UnverifiedJwt> parse(String compact, int maxSizeBytes) {
    return CompactJws.parse(compact, maxSizeBytes)
        .mapRefusal(refusal -> hinted(refusal, compact))
        .then(UnverifiedJwt::read);
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

  private static Refusal hinted(Refusal refusal, String compact) {
    Refusal hinted = refusal;
    if (refusal.reason() == RefusalReason.CREDENTIAL_MALFORMED) {
      for (String slip : CopySlips.in(compact)) {
        hinted = hinted.hint(slip);
      }
    }
    return hinted;
  }

  /** What the signature is said to cover, made anew each time. */
  byte[] signingInput() {
    return signed.signingInput();
  }

  /** Not copied: do not change it. */
  byte[] signature() {
    return signed.signature();
  }

  @Override
  public String toString() {
    return "UnverifiedJwt";
  }
}
