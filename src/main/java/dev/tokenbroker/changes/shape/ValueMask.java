package dev.tokenbroker.changes.shape;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Masks values: a mask tells the kind of a value, such as digits, and nothing else. */
final class ValueMask {

  static final String NAME = "<name>";
  static final String DIGITS = "<digits>";
  static final String EMPTY = "<empty>";
  private static final String HEX = "<hex>";
  private static final String UUID = "<uuid>";
  private static final String HOST = "<host>";
  private static final String PATH = "<path>";

  private static final int LEAST_HEX = 16;

  private static final Pattern ALL_DIGITS = Pattern.compile("[0-9]++");
  private static final Pattern ALL_HEX = Pattern.compile("[0-9a-fA-F]++");
  private static final Pattern ONE_UUID =
      Pattern.compile("\\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}?");
  private static final Pattern DOMAIN = Pattern.compile("[A-Za-z0-9-]++(?:\\.[A-Za-z0-9-]++)++");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

  private ValueMask() {}

  /** One value without separators. */
  static String of(String value) {
    if (value.isEmpty()) {
      return "";
    }
    if (ALL_DIGITS.matcher(value).matches()) {
      return DIGITS;
    }
    if (ONE_UUID.matcher(value).matches()) {
      return UUID;
    }
    // Letters alone are rather a name than a digest.
    boolean digest =
        value.length() >= LEAST_HEX
            && ALL_HEX.matcher(value).matches()
            && value.chars().anyMatch(Character::isDigit);
    return digest ? HEX : NAME;
  }

  /** A whole claim: an e-mail address, a user id of Auth0, or one value. */
  static String whole(String value) {
    int bar = value.indexOf('|');
    if (bar > 0 && TemplateWords.isConnection(value.substring(0, bar))) {
      return value.substring(0, bar + 1) + of(value.substring(bar + 1));
    }
    int at = value.lastIndexOf('@');
    if (at < 0) {
      return of(value);
    }
    String domain = value.substring(at + 1);
    if (TemplateWords.isDomain(domain)) {
      return NAME + '@' + domain;
    }
    return NAME + '@' + (DOMAIN.matcher(domain).matches() ? HOST : of(domain));
  }

  /** A path; more than two names in a row are shown as two. */
  static String path(String path, Predicate<String> isWord) {
    List<String> shown = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      String mask = isWord.test(segment) ? segment : segment(segment);
      int size = shown.size();
      boolean third =
          mask.equals(NAME)
              && size > 1
              && shown.get(size - 1).equals(NAME)
              && shown.get(size - 2).equals(NAME);
      if (!third) {
        shown.add(mask);
      }
    }
    return String.join("/", shown);
  }

  /** A segment of a path, with an id behind an {@code @} if it has one. */
  private static String segment(String segment) {
    if (segment.isEmpty() || ONE_UUID.matcher(segment).matches()) {
      return of(segment);
    }
    int at = segment.lastIndexOf('@');
    return at < 0 ? NAME : NAME + '@' + of(segment.substring(at + 1));
  }

  /** The host of a URL, and whether it has a port. */
  static String authority(String authority) {
    String host = PORT.matcher(authority).replaceFirst("");
    String mask = ONE_UUID.matcher(host).matches() ? UUID : HOST;
    return (host.isEmpty() ? "" : mask) + (host.length() < authority.length() ? ":" + DIGITS : "");
  }

  /** The path of a URL; segments that are no words are shown as one. */
  static String urlPath(String path, Predicate<String> isWord) {
    List<String> shown = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      boolean masked = !segment.isEmpty() && !isWord.test(segment);
      if (!masked) {
        shown.add(segment);
      } else if (shown.isEmpty() || !shown.getLast().equals(PATH)) {
        shown.add(PATH);
      }
    }
    return String.join("/", shown);
  }
}
