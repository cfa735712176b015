package dev.tokenbroker.edges.http.token;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads the media types that a request names in {@code Accept} (RFC 9110 section 12.5.1). The
 * header is only a preference, so this parser ignores unreadable ranges. The parser of Quarkus REST
 * throws on them.
 */
public final class AcceptHeader {

  /** A weight that is not zero (RFC 9110 section 12.4.2). */
  private static final Pattern WANTED = Pattern.compile("q=(1(\\.0{0,3})?|0\\.(?!0+$)\\d{1,3})");

  private AcceptHeader() {}

  /**
   * Whether a request names and accepts a type. A range such as {@code application/*} does not name
   * it.
   *
   * @param values the values of all headers of that name
   * @param mediaType without parameters
   */
  public static boolean names(List<String> values, String mediaType) {
    return values.stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(range -> range.split(";", -1))
        .anyMatch(range -> range[0].strip().equalsIgnoreCase(mediaType) && isWanted(range));
  }

  /** A range without a weight is acceptable. A range with an unreadable weight is not. */
  private static boolean isWanted(String[] range) {
    return Arrays.stream(range)
        .skip(1)
        .map(parameter -> parameter.strip().toLowerCase(Locale.ROOT))
        .filter(parameter -> parameter.startsWith("q="))
        .allMatch(weight -> WANTED.matcher(weight).matches());
  }
}
