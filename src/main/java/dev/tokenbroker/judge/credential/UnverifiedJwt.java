package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import java.util.ArrayList;
import java.util.List;
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

  /** Detects common copy mistakes in a token from its text, without decoding it. */
  static final class CopySlips {

    private CopySlips() {}

    /** Returns one sentence for each mistake. The sentences contain no part of the credential. */
    static List<String> in(String compact) {
      List<String> slips = new ArrayList<>();
      if (compact.regionMatches(true, 0, "Bearer ", 0, 7)) {
        slips.add("It begins with \"Bearer \": send the token without the scheme.");
      } else if (compact.chars().anyMatch(Character::isWhitespace)) {
        slips.add(
            "It holds white space or a line break, often from a file or from wrapped output.");
      }
      if (compact.startsWith("{")) {
        slips.add("It is JSON: send the token alone, not the answer that it came in.");
      } else if (compact.startsWith("\"") || compact.startsWith("'")) {
        slips.add("It is quoted: send it without the quotes.");
      }
      if (compact.endsWith(".")) {
        slips.add("It has no signature: unsigned JWTs (alg none) are never accepted.");
      }
      if (compact.indexOf('=') >= 0 || compact.indexOf('+') >= 0 || compact.indexOf('/') >= 0) {
        slips.add("It is in plain base64 or padded: JWTs are in base64url without padding.");
      }
      return slips;
    }
  }
}
