package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.base.text.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a credential without being one: the SHA-256 of its characters in UTF-8. It is computed
 * once for each request. The audit record, the cache and admission's limit for each credential use
 * it.
 *
 * <p>Two credentials with the same digest would share a token, so all 256 bits are kept and
 * compared.
 */
public record CredentialDigest(long first, long second, long third, long fourth) {

  /** The digest of a request without a credential. */
  public static final CredentialDigest NONE = new CredentialDigest(0, 0, 0, 0);

  /** The digest of that credential; {@link #NONE} of an empty one. */
  public static CredentialDigest of(String credential) {
    if (credential.isEmpty()) {
      return NONE;
    }
    ByteBuffer digest = ByteBuffer.wrap(Sha256.of(credential.getBytes(StandardCharsets.UTF_8)));
    return new CredentialDigest(
        digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
  }

  /** The first 16 hexadecimal digits, for records; empty for {@link #NONE}. */
  public String prefix() {
    return equals(NONE) ? "" : HexFormat.of().toHexDigits(first);
  }

  // Explicit, since a native executable interprets the generated methods.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CredentialDigest that
        && first == that.first
        && second == that.second
        && third == that.third
        && fourth == that.fourth;
  }

  /** All parts of a digest are equally well spread. */
  @Override
  public int hashCode() {
    return Long.hashCode(fourth);
  }

  @Override
  public String toString() {
    return prefix();
  }
}
