package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The file with a client's secret: one line of printable ASCII (RFC 6749 appendix A.2), at most 4
 * KiB.
 */
public final class SecretText {

  /** The limit of the whole file. */
  public static final int MAX_BYTES = 4 << 10;

  private static final Pattern SEVERAL_LINES = Pattern.compile("[\\r\\n]");
  private static final Pattern PRINTABLE = Pattern.compile("[ -~]+");

  private SecretText() {}

  /** A file with a secret. */
  static UpstreamKind.ClientSecretFile in(Path file) {
    return new UpstreamKind.ClientSecretFile(file, MAX_BYTES, SecretText::fault);
  }

  /** The problem with such content; empty if it is usable. Reveals nothing of it. */
  public static Optional<String> fault(byte[] content) {
    return read(content).fault();
  }

  /** The secret, which may have blanks at its ends. */
  public static FileContent<String> read(byte[] content) {
    if (content.length > MAX_BYTES) {
      return new Unusable<>("holds more than 4 KiB");
    }
    // One character for each byte, so that no other byte passes for ASCII.
    String text = new String(content, StandardCharsets.ISO_8859_1);
    String secret = BoundedFile.line(text);
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
