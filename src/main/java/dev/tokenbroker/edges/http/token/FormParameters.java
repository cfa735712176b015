package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The parameters of a form, parsed strictly (RFC 6749 appendix B). Percent-escapes must be complete
 * and must encode UTF-8. All other characters must be printable ASCII. A parameter without a value
 * counts as omitted, and unknown parameters are ignored (RFC 6749 section 3.2). The limit of
 * {@value #MAX_PARAMETERS} parameters bounds the cost of a form before the caller is authenticated.
 *
 * <p>Holds credentials, so {@link #toString} shows names only.
 */
public final class FormParameters {

  static final int MAX_PARAMETERS = 64;

  private static final String QUERY = "query";

  /** Matches a character that is not printable ASCII, and an incomplete percent-escape. */
  private static final Pattern BROKEN = Pattern.compile("[^!-~]|%(?![0-9A-Fa-f]{2})");

  private final Map<String, List<String>> values;

  private FormParameters(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * The parameters of a form, or the refusal {@code REQUEST_INVALID}.
   *
   * @param known the names to keep; other parameters must be well-formed, too
   */
  static Outcome<FormParameters> parse(byte[] form, Set<String> known) {
    return parse(form, known, "form");
  }

  /**
   * The parameters of a query, or the refusal {@code REQUEST_INVALID}. A query may be logged on its
   * way, so any other name is refused: it may be a secret.
   */
  static Outcome<FormParameters> parseQuery(String query, Set<String> known) {
    return parse(query.getBytes(StandardCharsets.UTF_8), known, QUERY);
  }

  private static Outcome<FormParameters> parse(byte[] form, Set<String> known, String where) {
    Map<String, List<String>> values = new HashMap<>();
    StringTokenizer parameters =
        new StringTokenizer(new String(form, StandardCharsets.ISO_8859_1), "&");
    try {
      for (int count = 1; parameters.hasMoreTokens(); count++) {
        if (count > MAX_PARAMETERS) {
          return refused("the " + where + " must have at most " + MAX_PARAMETERS + " parameters");
        }
        String[] parameter = parameters.nextToken().split("=", 2);
        String name = decode(parameter[0]);
        String value = parameter.length < 2 ? "" : decode(parameter[1]);
        if (where.equals(QUERY) && !known.contains(name)) {
          return refused(
              "the query must have no parameters"
                  + (known.isEmpty() ? "" : " but " + String.join(" and ", new TreeSet<>(known)))
                  + ": send all others in the form");
        }
        if (known.contains(name) && !value.isEmpty()) {
          values.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
        }
      }
    } catch (CharacterCodingException unreadable) {
      return refused("each name and value of the " + where + " must be percent-encoded UTF-8");
    }
    return Outcome.accepted(new FormParameters(values));
  }

  private static Outcome<FormParameters> refused(String expected) {
    return Outcome.refused(Refusal.of(RefusalReason.REQUEST_INVALID).expected(expected));
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** The first value, empty if there is none. */
  public String first(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? "" : all.getFirst();
  }

  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  @Override
  public String toString() {
    return "FormParameters" + values.keySet();
  }

  private static String decode(String encoded) throws CharacterCodingException {
    if (BROKEN.matcher(encoded).find()) {
      throw new CharacterCodingException();
    }
    byte[] octets =
        URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1)
            .getBytes(StandardCharsets.ISO_8859_1);
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
  }
}
