package dev.tokenbroker.sts;

import dev.tokenbroker.jose.Sha256;
import java.util.HexFormat;

/** Names contents by digests where the contents must not be shown. */
final class Digests {

  private static final int PREFIX_BYTES = 8;

  private Digests() {}

  /** {@code sha256:} and the first 16 hexadecimal digits of the digest. */
  static String prefix(byte[] content) {
    return "sha256:" + HexFormat.of().formatHex(Sha256.of(content), 0, PREFIX_BYTES);
  }
}
