package dev.tokenbroker.operate.changes.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the mask of a text: {@code <name>:<name>@<digits>}. A mask shows the separators of the text
 * and the kinds of its values, and no character of a value.
 *
 * <p>Each part between colons or bars is a name, since a branch may be a word, a path or a number.
 * Only the number of parts and the ids behind an {@code @} count. A text with spaces is one name.
 */
final class ValueMask {

  static final int MAX_CHARS = 128;

  private static final int MAX_READ_CHARS = 1024;
  private static final int LEAST_HEX = 16;
  private static final String NAME = "<name>";
  private static final String PATH = "<path>";

  private static final Pattern URL =
      Pattern.compile("[a-z][a-z0-9+.-]*+://[^/?#]*+([^?#]*+).*+", Pattern.DOTALL);
  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Cntrl}]");
  private static final Pattern SEPARATOR = Pattern.compile("[:|]");
  private static final Pattern PART = Pattern.compile("[^:|]++");
  private static final Pattern DIGITS = Pattern.compile("[0-9]++");
  private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]++");
  private static final Pattern UUID =
      Pattern.compile("\\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}?");
  private static final Pattern HOST = Pattern.compile("(?:[A-Za-z0-9-]++\\.)++[A-Za-z]{2,}+");

  private ValueMask() {}

  /** The mask, of at most {@value #MAX_CHARS} characters. */
  static String of(String text) {
    if (text.isEmpty()) {
      return "<empty>";
    }
    String read = text.length() > MAX_READ_CHARS ? text.substring(0, MAX_READ_CHARS) : text;
    Matcher url = URL.matcher(read);
    if (url.matches()) {
      return "<url>" + (url.group(1).length() > 1 ? '/' + PATH : url.group(1));
    }
    if (SPACE.matcher(read).find()) {
      return NAME;
    }
    if (!SEPARATOR.matcher(read).find()) {
      return value(read);
    }
    String mask = PART.matcher(read).replaceAll(part -> named(NAME, part.group()));
    return mask.length() > MAX_CHARS ? mask.substring(0, MAX_CHARS - 1) + "…" : mask;
  }

  private static String value(String value) {
    if (DIGITS.matcher(value).matches()) {
      return "<digits>";
    }
    if (UUID.matcher(value).matches()) {
      return "<uuid>";
    }
    // Letters alone are rather a name than a digest.
    boolean digest =
        value.length() >= LEAST_HEX
            && HEX.matcher(value).matches()
            && value.chars().anyMatch(Character::isDigit);
    return digest ? "<hex>" : named(value.indexOf('/') < 0 ? NAME : PATH, value);
  }

  /** A name or path, with the kind of what is behind its last {@code @}. */
  private static String named(String mask, String value) {
    int at = value.lastIndexOf('@');
    String behind = at > 0 ? value.substring(at + 1) : "";
    if (DIGITS.matcher(behind).matches()) {
      return mask + "@<digits>";
    }
    return HOST.matcher(behind).matches() ? mask + "@<host>" : mask;
  }
}
