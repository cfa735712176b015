package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingInt;
import static java.util.Comparator.naturalOrder;

import java.net.URLDecoder;
import java.util.Base64;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The secrets of one request, masked by value in what the peer repeats of them, in upper or lower
 * case. Immutable.
 *
 * <p>A secret is masked as a whole, as it was sent and as the peer decodes it. One of less than
 * {@value #SHORTEST} characters could be anywhere, so it hides the whole text.
 */
final class SentSecrets {

  static final int SHORTEST = 4;
  static final String MASK = "(sent by the broker)";
  static final String HIDDEN = "(not shown: a secret of the broker is too short to be masked)";

  /** A parameter of a form or a member of JSON whose value is a secret, as the broker writes it. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(?:^|&|\")[\\w.-]*(?:token|assertion|secret|password|credential|proof|key)"
              + "(?:=|\":\")((?<==)[^&]+|(?<=\")[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)");

  /** The longest first: one may hold another. */
  private final SortedSet<String> secrets =
      new TreeSet<>(comparingInt(String::length).reversed().thenComparing(naturalOrder()));

  /**
   * @param body a form, or JSON without blanks; empty for none
   */
  SentSecrets(byte[] body, Iterable<Map.Entry<String, String>> headers) {
    SECRET.matcher(new String(body, ISO_8859_1)).results().forEach(value -> add(value.group(1)));
    for (Map.Entry<String, String> header : headers) {
      String value = header.getValue();
      if (header.getKey().matches("(?i)authorization|cookie|.*(key|token|secret)")) {
        add(value.substring(value.indexOf(' ') + 1));
      }
      if (value.startsWith("Basic ")) {
        add(password(value.substring("Basic ".length())));
      }
    }
    secrets.remove("");
  }

  private static String password(String basic) {
    try {
      String pair = new String(Base64.getDecoder().decode(basic), UTF_8);
      return pair.substring(pair.indexOf(':') + 1);
    } catch (IllegalArgumentException notBase64) {
      return basic;
    }
  }

  private void add(String sent) {
    secrets.add(sent);
    secrets.add(decoded(sent));
  }

  private static String decoded(String sent) {
    try {
      return URLDecoder.decode(sent, UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return sent;
    }
  }

  /** The text with a mask in place of each secret. */
  String masked(String text) {
    if (secrets.isEmpty()) {
      return text;
    }
    if (secrets.last().length() < SHORTEST) {
      return HIDDEN;
    }
    String any = secrets.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    return Pattern.compile(any, Pattern.CASE_INSENSITIVE).matcher(text).replaceAll(MASK);
  }
}
