package dev.tokenbroker.credential;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * A signed JWT in compact serialisation that could be read (RFC 7515 section 7.1, RFC 7519 section
 * 7.2). Anybody can make one that says anything: what it claims is a claim until its signature has
 * been verified.
 *
 * <p>Everything is decoded once, here. It holds token bytes and is shown nowhere.
 */
final class UnverifiedJwt {

  private static final int DOTS_OF_SIGNED = 2;
  private static final int DOTS_OF_ENCRYPTED = 4;

  private final JoseHeader header;
  private final RegisteredClaims registered;
  private final Map<String, Object> claims;
  private final byte[] signingInput;
  private final byte[] signature;

  private UnverifiedJwt(
      JoseHeader header,
      RegisteredClaims registered,
      Map<String, Object> claims,
      byte[] signingInput,
      byte[] signature) {
    this.header = header;
    this.registered = registered;
    this.claims = claims;
    this.signingInput = signingInput;
    this.signature = signature;
  }

  /**
   * Reads a credential.
   *
   * @return the JWT; or the refusal {@code CREDENTIAL_TOO_LARGE}, {@code CREDENTIAL_MALFORMED},
   *     {@code CREDENTIAL_NOT_SUPPORTED} or {@code CLAIM_MISSING}. A credential without a signature
   *     is malformed, whatever its {@code alg} says
   */
  static Outcome<UnverifiedJwt> parse(String compact, int maxSizeBytes) {
    if (compact.length() > maxSizeBytes) {
      return Outcome.refused(
          Refusal.of(RefusalReason.CREDENTIAL_TOO_LARGE)
              .expected("at most " + maxSizeBytes + " bytes")
              .seen(compact.length() + " characters"));
    }
    int payloadDot = compact.indexOf('.');
    int signatureDot = compact.indexOf('.', payloadDot + 1);
    int dots = dots(compact);
    if (dots == DOTS_OF_ENCRYPTED) {
      return Outcome.refused(
          Refusal.of(RefusalReason.CREDENTIAL_NOT_SUPPORTED)
              .expected("a signed JWT, which has 3 parts")
              .seen("5 parts, as an encrypted JWT has"));
    }
    if (dots != DOTS_OF_SIGNED
        || payloadDot == 0
        || signatureDot == payloadDot + 1
        || signatureDot == compact.length() - 1) {
      return malformed(compact, "3 parts, none of them empty", parts(compact, dots));
    }
    return decode(compact, payloadDot, signatureDot);
  }

  private static Outcome<UnverifiedJwt> decode(String compact, int payloadDot, int signatureDot) {
    Optional<byte[]> header = StrictBase64Url.decode(compact, 0, payloadDot);
    Optional<byte[]> payload = StrictBase64Url.decode(compact, payloadDot + 1, signatureDot);
    Optional<byte[]> signature =
        StrictBase64Url.decode(compact, signatureDot + 1, compact.length());
    if (header.isEmpty() || payload.isEmpty() || signature.isEmpty()) {
      String part = header.isEmpty() ? "header" : payload.isEmpty() ? "payload" : "signature";
      return malformed(compact, "base64url without padding", "something else in the " + part);
    }
    byte[] signingInput = compact.substring(0, signatureDot).getBytes(StandardCharsets.US_ASCII);
    return StrictJson.object(header.get(), "the header", StrictJson.Nulls.REFUSED)
        .then(JoseHeader::read)
        .then(
            read ->
                StrictJson.object(payload.get(), "the payload", StrictJson.Nulls.DROPPED)
                    .then(
                        claims ->
                            RegisteredClaims.read(claims)
                                .map(
                                    registered ->
                                        new UnverifiedJwt(
                                            read,
                                            registered,
                                            claims,
                                            signingInput,
                                            signature.get()))));
  }

  private static Outcome<UnverifiedJwt> malformed(String compact, String expected, String seen) {
    Refusal refusal = Refusal.of(RefusalReason.CREDENTIAL_MALFORMED).expected(expected).seen(seen);
    for (String slip : CopySlips.in(compact)) {
      refusal = refusal.hint(slip);
    }
    return Outcome.refused(refusal);
  }

  private static String parts(String compact, int dots) {
    if (compact.isEmpty()) {
      return "nothing";
    }
    boolean unsigned = dots == DOTS_OF_SIGNED && compact.endsWith(".");
    return unsigned ? "no signature" : (dots + 1) + " parts, or an empty one";
  }

  private static int dots(String compact) {
    int dots = 0;
    for (int at = compact.indexOf('.'); at >= 0; at = compact.indexOf('.', at + 1)) {
      dots++;
    }
    return dots;
  }

  JoseHeader header() {
    return header;
  }

  /** The registered claims, in their right types and otherwise not judged. */
  RegisteredClaims registered() {
    return registered;
  }

  /** All claims, deeply immutable. */
  Map<String, Object> claims() {
    return claims;
  }

  /** What the signature is said to cover. Not copied: do not change it. */
  byte[] signingInput() {
    return signingInput;
  }

  /** Not copied: do not change it. */
  byte[] signature() {
    return signature;
  }
}
