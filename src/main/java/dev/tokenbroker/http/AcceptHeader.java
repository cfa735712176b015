package dev.tokenbroker.http;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The media types that a request asks for by name (RFC 9110 section 12.5.1). What cannot be read is
 * passed over, as the header is a wish; the framework's reader throws on it.
 */
final class AcceptHeader {

  /** A weight that is not zero (RFC 9110 section 12.4.2). */
  private static final Pattern WANTED = Pattern.compile("q=(1(\\.0{0,3})?|0\\.(?!0+$)\\d{1,3})");

  private AcceptHeader() {}

  /**
   * Whether a type is named and wanted; ranges such as {@code application/*} do not name it.
   *
   * @param values each header of that name
   * @param mediaType without parameters
   */
  static boolean names(List<String> values, String mediaType) {
    return values.stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(range -> range.split(";", -1))
        .anyMatch(range -> range[0].strip().equalsIgnoreCase(mediaType) && isWanted(range));
  }

  /** Without a weight it is; with one that cannot be read it is not. */
  private static boolean isWanted(String[] range) {
    return Arrays.stream(range)
        .skip(1)
        .map(parameter -> parameter.strip().toLowerCase(Locale.ROOT))
        .filter(parameter -> parameter.startsWith("q="))
        .allMatch(weight -> WANTED.matcher(weight).matches());
  }
}
