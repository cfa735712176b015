package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Base64;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The secrets of one request, masked by value in what the peer repeats of them. Immutable.
 *
 * <p>A secret as a whole is masked whatever its length. A piece of a secret is masked from {@value
 * #PIECE} characters on. A piece that is a plain word, all letters of one case, is masked from
 * {@value #WORD} characters on: a scope or a name may be a part of a secret. Case does not matter,
 * nor which base64 alphabet is used. A word is masked that holds a secret percent-encoded, escaped
 * as in JSON, or in base64.
 */
final class SentSecrets {

  static final int INNER = 4;
  static final int PIECE = 8;
  static final int WORD = 16;
  static final String MASK = "(sent by the broker)";

  /** A parameter of a form or a member of JSON whose value is a secret, as the broker writes it. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(?:^|&|\")[\\w.-]*(?:token|assertion|secret|password|credential|proof|key)"
              + "(?:=([^&]+)|\":\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\")");

  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Z]?[a-z]+|[A-Z]+");
  private static final Pattern ESCAPE =
      Pattern.compile("(?:%|\\\\u00|\\\\x|&#x)(\\p{XDigit}{2});?");

  private final Set<String> secrets = new HashSet<>();

  /**
   * @param body a form, or JSON without blanks; empty for none
   */
  SentSecrets(byte[] body, Iterable<Map.Entry<String, String>> headers) {
    SECRET
        .matcher(new String(body, ISO_8859_1))
        .results()
        .forEach(value -> add(value.group(1) == null ? value.group(2) : value.group(1)));
    for (Map.Entry<String, String> header : headers) {
      String value = header.getValue();
      if (header.getKey().matches("(?i)authorization|cookie|.*(key|token|secret)")) {
        add(value.substring(value.indexOf(' ') + 1));
      }
      if (value.startsWith("Basic ")) {
        String pair = decoded(value.substring("Basic ".length()));
        add(pair.substring(pair.indexOf(':') + 1));
      }
    }
    secrets.remove("");
  }

  /** As it stands, and as a form encodes it. */
  private void add(String secret) {
    secrets.add(folded(secret));
    secrets.add(folded(unescaped(secret.replace('+', ' '))));
  }

  /** The text with a mask in place of each secret, and of each piece of one. */
  String masked(String text) {
    char[] shown = text.replace('\0', ' ').toCharArray();
    found(text).stream().forEach(at -> shown[at] = '\0');
    return Pattern.compile("[^\\s\\x00]+")
        .matcher(new String(shown))
        .replaceAll(word -> hides(word.group()) ? "\0" : Matcher.quoteReplacement(word.group()))
        .replaceAll("\\x00+", Matcher.quoteReplacement(MASK));
  }

  /** Whether a word holds a secret in another form. */
  private boolean hides(String word) {
    String plain = unescaped(unescaped(word));
    return Stream.of(plain, unescaped(word.replace('+', ' '))).anyMatch(it -> !found(it).isEmpty())
        || Pattern.compile("[\\w+/-]{6,}")
            .matcher(plain)
            .results()
            .flatMap(run -> IntStream.range(0, 4).mapToObj(at -> run.group().substring(at)))
            // Any word, decoded, has short texts by chance.
            .anyMatch(base64 -> found(decoded(base64)).cardinality() >= INNER);
  }

  /** The places of the text where a secret stands, or a piece of one. */
  private BitSet found(String text) {
    String folded = folded(text);
    BitSet found = new BitSet();
    for (String secret : secrets) {
      int whole = secret.length();
      for (int size : new int[] {whole, Math.min(WORD, whole), Math.min(PIECE, whole)}) {
        for (int at = 0; at + size <= text.length(); at++) {
          int end = at + size;
          if (secret.contains(folded.substring(at, end))
              && (size == whole || size == WORD || !isPlain(text.substring(at, end)))) {
            found.set(at, end);
          }
        }
      }
    }
    return found;
  }

  private static boolean isPlain(String piece) {
    return PLAIN_WORD.matcher(piece).matches();
  }

  /** Decodes base64 of either alphabet, up to the last whole byte. */
  private static String decoded(String base64) {
    String plain = base64.replace('-', '+').replace('_', '/').replaceFirst("[^\\w+/].*", "");
    int length = plain.length() % 4 == 1 ? plain.length() - 1 : plain.length();
    return new String(Base64.getDecoder().decode(plain.substring(0, length)), ISO_8859_1);
  }

  static String unescaped(String text) {
    return ESCAPE
        .matcher(text.replaceAll("\\\\([^ux])", "$1"))
        .replaceAll(
            hex -> Matcher.quoteReplacement("" + (char) Integer.parseInt(hex.group(1), 16)));
  }

  private static String folded(String text) {
    StringBuilder folded = new StringBuilder(text.replace('-', '+').replace('_', '/'));
    IntStream.range(0, text.length())
        .forEach(at -> folded.setCharAt(at, Character.toLowerCase(folded.charAt(at))));
    return folded.toString();
  }
}
