package dev.tokenbroker.http;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads which media types a request names in {@code Accept} (RFC 9110 section 12.5.1). Unreadable
 * ranges are ignored, since the header is a preference; the parser of Quarkus REST throws on them.
 */
final class AcceptHeader {

  /** A weight that is not zero (RFC 9110 section 12.4.2). */
  private static final Pattern WANTED = Pattern.compile("q=(1(\\.0{0,3})?|0\\.(?!0+$)\\d{1,3})");

  private AcceptHeader() {}

  /**
   * Whether a type is named and acceptable; ranges such as {@code application/*} do not name it.
   *
   * @param values the values of all headers of that name
   * @param mediaType without parameters
   */
  static boolean names(List<String> values, String mediaType) {
    return values.stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(range -> range.split(";", -1))
        .anyMatch(range -> range[0].strip().equalsIgnoreCase(mediaType) && isWanted(range));
  }

  /** A range without a weight is acceptable, one with an unreadable weight is not. */
  private static boolean isWanted(String[] range) {
    return Arrays.stream(range)
        .skip(1)
        .map(parameter -> parameter.strip().toLowerCase(Locale.ROOT))
        .filter(parameter -> parameter.startsWith("q="))
        .allMatch(weight -> WANTED.matcher(weight).matches());
  }
}
