package dev.tokenbroker.store;

import dev.tokenbroker.outcome.Evidence;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The text of a fact with several parts, such as the keys of each issuer: one line for each part.
 * It is bounded. Parts that do not fit become one part with a digest of them all, so that replicas
 * still see whether they differ, and no longer in which.
 */
public final class FactParts {

  /** The longest text, in bytes: two such facts and all others fit into one entry. */
  static final int MAX_BYTES = 24_000;

  /** The name of the part that stands for those that did not fit. */
  static final String REST = "(others)";

  private static final int DIGEST_CHARACTERS = 8;
  private static final char SEPARATOR = '=';

  private FactParts() {}

  /**
   * Writes parts by name.
   *
   * @param parts the values are digests: short, on one line and without an equals sign
   */
  public static String text(SortedMap<String, String> parts) {
    StringBuilder text = new StringBuilder();
    StringBuilder rest = new StringBuilder();
    int bytes = 0;
    for (var part : parts.entrySet()) {
      String line = Evidence.clean(part.getKey()) + SEPARATOR + part.getValue() + '\n';
      bytes += line.getBytes(StandardCharsets.UTF_8).length;
      var _ = (bytes > MAX_BYTES ? rest : text).append(line);
    }
    return rest.isEmpty()
        ? text.toString()
        : text.append(REST).append(SEPARATOR).append(digest(rest)).append('\n').toString();
  }

  static SortedMap<String, String> read(String text) {
    SortedMap<String, String> parts = new TreeMap<>();
    text.lines()
        .forEach(
            line -> {
              int end = line.lastIndexOf(SEPARATOR);
              if (end > 0) {
                parts.put(line.substring(0, end), line.substring(end + 1));
              }
            });
    return parts;
  }

  private static String digest(CharSequence text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, DIGEST_CHARACTERS);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("This Java runtime has no SHA-256", missing);
    }
  }
}
