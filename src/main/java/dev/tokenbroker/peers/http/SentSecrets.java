package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The secrets of one request, masked by value in what the peer repeats of them. Immutable.
 *
 * <p>A secret as a whole is masked whatever its length. One of less than {@value #SHORTEST}
 * characters could be anywhere, so it hides the whole text. A piece of a secret is masked from
 * {@value #PIECE} characters on. A piece that is a plain word, all letters of one case, is masked
 * from 16 characters on: a scope or a name may be a part of a secret. Case does not matter, nor
 * which base64 alphabet is used. A word is masked that holds a secret percent-encoded, escaped as
 * in JSON or HTML, or in base64.
 *
 * <p>Pieces are looked up by their hash, so the time grows with the length of the secrets and that
 * of the text, not with their product.
 */
final class SentSecrets {

  static final int SHORTEST = 4;
  static final int PIECE = 8;
  static final String MASK = "(sent by the broker)";
  static final String HIDDEN = "(not shown: a secret of the broker is too short to be masked)";

  /** A parameter of a form or a member of JSON whose value is a secret, as the broker writes it. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(?:^|&|\")[\\w.-]*(?:token|assertion|secret|password|credential|proof|key)"
              + "(?:=|\":\")((?<==)[^&]+|(?<=\")[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)");

  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Z]?[a-z]{7,14}|[A-Z]{8,15}");
  private static final Pattern BASE64 = Pattern.compile("[\\w+/-]{6,}");
  private static final Pattern ESCAPE =
      Pattern.compile("(?=[%\\\\&])(?:%|\\\\u00|\\\\x|&#x)(\\p{XDigit}{2});?");

  /** As {@link #folded} writes them, like the pieces. */
  private final Set<String> secrets = new HashSet<>();

  /** All of {@link #PIECE} characters, and shorter secrets. */
  private final Set<String> pieces;

  private final TreeSet<Integer> lengths = new TreeSet<>();

  /**
   * @param body a form, or JSON without blanks; empty for none
   */
  SentSecrets(byte[] body, Iterable<Map.Entry<String, String>> headers) {
    pieces = HashSet.newHashSet(body.length);
    SECRET.matcher(new String(body, ISO_8859_1)).results().forEach(value -> add(value.group(1)));
    for (Map.Entry<String, String> header : headers) {
      String value = header.getValue();
      if (header.getKey().matches("(?i)authorization|cookie|.*(key|token|secret)")) {
        add(value.substring(value.indexOf(' ') + 1));
      }
      if (value.startsWith("Basic ")) {
        add(decoded(value.substring("Basic ".length())).replaceFirst("(?s)^[^:]*:", ""));
      }
    }
  }

  /** As it stands, and as a form encodes its bytes, and the characters of these. */
  private void add(String secret) {
    String plain = unescaped(secret.replace('+', ' '));
    String characters = new String(plain.getBytes(ISO_8859_1), UTF_8);
    for (String form : new HashSet<>(List.of(secret, plain, characters))) {
      String folded = folded(form);
      int length = Math.min(PIECE, folded.length());
      if (length > 0 && secrets.add(folded)) {
        lengths.add(length);
        IntStream.rangeClosed(0, folded.length() - length)
            .forEach(at -> pieces.add(folded.substring(at, at + length)));
      }
    }
  }

  /** The text with a mask in place of each secret, and of each piece of one. */
  String masked(String text) {
    if (!lengths.isEmpty() && lengths.first() < SHORTEST) {
      return HIDDEN;
    }
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
    Stream<String> runs = BASE64.matcher(plain).results().map(MatchResult::group);
    return Stream.concat(
            Stream.of(plain, unescaped(word.replace('+', ' '))),
            runs.flatMap(run -> IntStream.range(0, 4).mapToObj(at -> decoded(run.substring(at)))))
        .anyMatch(text -> !found(text).isEmpty());
  }

  /** The places of the text where a secret stands, or a piece of one. */
  private BitSet found(String text) {
    String folded = folded(text);
    BitSet found = new BitSet();
    for (int length : lengths) {
      IntStream.rangeClosed(0, folded.length() - length)
          .filter(at -> pieces.contains(folded.substring(at, at + length)))
          .forEach(at -> found.set(at, at + length));
    }
    int end = 0;
    for (int from = found.nextSetBit(0); from >= 0; from = found.nextSetBit(end)) {
      end = found.nextClearBit(from);
      if (isName(text.substring(from, end))) {
        found.clear(from, end);
      }
    }
    return found;
  }

  private boolean isName(String run) {
    return PLAIN_WORD.matcher(run).matches() && secrets.stream().noneMatch(folded(run)::contains);
  }

  /** Decodes base64 of either alphabet, up to the last whole byte. */
  private static String decoded(String base64) {
    String plain = base64.replace('-', '+').replace('_', '/').replaceFirst("[^\\w+/].*", "");
    int length = plain.length() % 4 == 1 ? plain.length() - 1 : plain.length();
    return new String(Base64.getDecoder().decode(plain.substring(0, length)), ISO_8859_1);
  }

  static String unescaped(String text) {
    String html = text.replace("&amp;", "&").replace("&lt;", "<").replace("&quot;", "\"");
    return ESCAPE
        .matcher(html.replace("&#39;", "'").replace("&#43;", "+").replaceAll("\\\\([^ux])", "$1"))
        .replaceAll(
            hex -> Matcher.quoteReplacement("" + (char) Integer.parseInt(hex.group(1), 16)));
  }

  /** In lower case and one alphabet of base64; of the same length. */
  private static String folded(String text) {
    StringBuilder folded = new StringBuilder(text.length());
    text.chars().forEach(c -> folded.append(Character.toLowerCase((char) c)));
    return folded.toString().replace('-', '+').replace('_', '/');
  }
}
