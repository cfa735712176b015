package dev.tokenbroker.base.jose;

import dev.tokenbroker.base.json.StrictJson;
import dev.tokenbroker.base.refusal.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The three parts of a JWS in compact serialisation (RFC 7515 section 7.1), strictly decoded. The
 * signature is not verified, so no content can be trusted.
 *
 * <p>An instance holds token bytes: never log it.
 */
public final class CompactJws {

  private final byte[] header;
  private final byte[] payload;
  private final Signed signed;

  private CompactJws(byte[] header, byte[] payload, Signed signed) {
    this.header = header;
    this.payload = payload;
    this.signed = signed;
  }

  /**
   * The signing input and the signature, without the parsed header and claims. An evaluation that
   * waits for keys holds only this object, which is hardly larger than the text.
   */
  public static final class Signed {

    private final String compact;
    private final int end;
    private final byte[] signature;

    private Signed(String compact, int end, byte[] signature) {
      this.compact = compact;
      this.end = end;
      this.signature = signature;
    }

    /** The bytes that the signature has to cover; a new array for each call. */
    public byte[] signingInput() {
      return compact.substring(0, end).getBytes(StandardCharsets.US_ASCII);
    }

    /** The signature itself, not a copy: do not change it. */
    public byte[] signature() {
      return signature;
    }
  }

  /**
   * Splits and decodes a compact JWS. A JWS without a signature is malformed, whatever its {@code
   * alg} says.
   *
   * @return the parts; or the refusal {@code CREDENTIAL_TOO_LARGE}, {@code CREDENTIAL_MALFORMED} or
   *     {@code CREDENTIAL_NOT_SUPPORTED}
   */
  public static Outcome<CompactJws> parse(String compact, int maxChars) {
    if (compact.length() > maxChars) {
      return Outcome.refused(TextForm.tooLarge(compact, maxChars));
    }
    int payloadDot = compact.indexOf('.');
    int signatureDot = compact.indexOf('.', payloadDot + 1);
    if (payloadDot < 1 || signatureDot <= payloadDot + 1 || signatureDot == compact.length() - 1) {
      return Outcome.refused(TextForm.refusal(compact));
    }
    Optional<byte[]> header = StrictBase64Url.decode(compact, 0, payloadDot);
    Optional<byte[]> payload = StrictBase64Url.decode(compact, payloadDot + 1, signatureDot);
    Optional<byte[]> signature =
        StrictBase64Url.decode(compact, signatureDot + 1, compact.length());
    return header.isEmpty() || payload.isEmpty() || signature.isEmpty()
        ? Outcome.refused(TextForm.refusal(compact))
        : Outcome.accepted(
            new CompactJws(
                header.get(), payload.get(), new Signed(compact, signatureDot, signature.get())));
  }

  /** The members of the header, deeply immutable; or a refusal of {@link StrictJson}. */
  public Outcome<Map<String, Object>> header() {
    Outcome<Map<String, Object>> read =
        StrictJson.object(header, "the header", StrictJson.Nulls.REFUSED);
    return header[0] == '{' ? read : read.mapRefusal(_ -> TextForm.refusal(signed.compact));
  }

  /** The claims, deeply immutable and without null values; or a refusal of {@link StrictJson}. */
  public Outcome<Map<String, Object>> claims() {
    return StrictJson.object(payload, "the payload", StrictJson.Nulls.DROPPED);
  }

  /** The signing input and the signature. */
  public Signed signed() {
    return signed;
  }
}
