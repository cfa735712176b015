package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The file with a client's secret: one line of printable ASCII (RFC 6749 appendix A.2), at most 4
 * KiB.
 */
public final class SecretText {

  /** The limit of the whole file. */
  public static final int MAX_BYTES = 4 << 10;

  /**
   * Editors end a file with a line break that is no part of the secret; blanks may be part of it.
   */
  private static final Pattern LINE_END = Pattern.compile("(\\r?\\n|\\r)\\z");

  private static final Pattern SEVERAL_LINES = Pattern.compile("[\\r\\n]");
  private static final Pattern PRINTABLE = Pattern.compile("[ -~]+");

  private SecretText() {}

  /** The problem with such content; empty if it is usable. Reveals nothing of the secret. */
  public static Optional<String> fault(byte[] content) {
    return read(content).fault();
  }

  static FileContent<String> read(byte[] content) {
    if (content.length > MAX_BYTES) {
      return new Unusable<>("holds more than 4 KiB");
    }
    // One character for each byte, so that no other byte passes for ASCII.
    String text = new String(content, StandardCharsets.ISO_8859_1);
    String secret = LINE_END.matcher(text).replaceFirst("");
    if (secret.isEmpty()) {
      return new Unusable<>("holds nothing");
    }
    if (SEVERAL_LINES.matcher(secret).find()) {
      return new Unusable<>("holds more than one line");
    }
    return PRINTABLE.matcher(secret).matches()
        ? new Usable<>(secret)
        : new Unusable<>("holds other characters than printable ASCII (RFC 6749 appendix A.2)");
  }
}
