package dev.tokenbroker.http;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The parameters of a form, parsed strictly (RFC 6749 appendix B). Percent-escapes must be complete
 * and must encode UTF-8. All other characters must be printable ASCII. A parameter without a value
 * counts as omitted, and unknown parameters are ignored (RFC 6749 section 3.2). The limit of
 * {@value #MAX_PARAMETERS} parameters bounds the cost of a form before the caller is authenticated.
 *
 * <p>Holds credentials, so {@link #toString} shows names only.
 */
final class FormParameters {

  static final int MAX_PARAMETERS = 64;

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
    Map<String, List<String>> values = new HashMap<>();
    int parameters = 0;
    try {
      for (int start = 0; start < form.length; ) {
        int end = find(form, '&', start, form.length);
        if (end == start) {
          start++;
          continue;
        }
        if (++parameters > MAX_PARAMETERS) {
          return refused("the form must have at most " + MAX_PARAMETERS + " parameters");
        }
        int equals = find(form, '=', start, end);
        String name = decode(form, start, equals);
        String value = decode(form, Math.min(equals + 1, end), end);
        if (known.contains(name) && !value.isEmpty()) {
          values.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
        }
        start = end + 1;
      }
    } catch (CharacterCodingException unreadable) {
      return refused("each name and value of the form must be percent-encoded UTF-8");
    }
    return Outcome.accepted(new FormParameters(values));
  }

  private static Outcome<FormParameters> refused(String expected) {
    return Outcome.refused(Refusal.of(RefusalReason.REQUEST_INVALID).expected(expected));
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** The first value, empty if there is none. */
  String first(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? "" : all.getFirst();
  }

  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  @Override
  public String toString() {
    return "FormParameters" + values.keySet();
  }

  private static int find(byte[] form, char wanted, int from, int to) {
    for (int at = from; at < to; at++) {
      if (form[at] == wanted) {
        return at;
      }
    }
    return to;
  }

  private static String decode(byte[] form, int from, int to) throws CharacterCodingException {
    byte[] decoded = new byte[to - from];
    int length = 0;
    for (int at = from; at < to; at++) {
      byte b = form[at];
      if (b == '%') {
        if (at + 2 >= to) {
          throw new CharacterCodingException();
        }
        decoded[length++] = (byte) (hex(form[at + 1]) << 4 | hex(form[at + 2]));
        at += 2;
      } else if (b > ' ' && b < 0x7F) {
        decoded[length++] = b == '+' ? (byte) ' ' : b;
      } else {
        throw new CharacterCodingException();
      }
    }
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(decoded, 0, length))
        .toString();
  }

  private static int hex(byte digit) throws CharacterCodingException {
    int value = Character.digit((char) digit, 16);
    if (value < 0) {
      throw new CharacterCodingException();
    }
    return value;
  }
}
