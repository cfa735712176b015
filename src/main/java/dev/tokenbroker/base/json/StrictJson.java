package dev.tokenbroker.base.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.Surrogates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object (RFC 8259) so that no two parsers can understand it differently.
 *
 * <p>Besides syntax errors, these are malformed: a duplicate member (RFC 7519 section 4), invalid
 * UTF-8, half a surrogate pair, text after the object. These are not supported: integers beyond 64
 * bits, decimals beyond a double. The limits are {@value #MAX_DEPTH} levels, {@value #MAX_VALUES}
 * values, {@value #MAX_STRING_CHARS} characters for a string, {@value #MAX_NAME_CHARS} for a name,
 * and {@value #MAX_NUMBER_CHARS} for a number.
 *
 * <p>Values become {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code List} and
 * {@code Map}, deeply immutable and in their order. An instance serves one call.
 */
public final class StrictJson {

  static final int MAX_DEPTH = 16;
  static final int MAX_VALUES = 1024;
  static final int MAX_STRING_CHARS = 16_384;
  static final int MAX_NAME_CHARS = 256;
  static final int MAX_NUMBER_CHARS = 64;

  /** The treatment of JSON null. */
  public enum Nulls {
    /** Null members and elements are left out. */
    DROPPED,
    /** A document that contains null is refused. */
    REFUSED
  }

  // Jackson's exception does not name the limit, so only the limit for numbers may apply. Names and
  // strings of a credential, at most 64 KiB, are below Jackson's limits. MAX_DEPTH ends the reading
  // before Jackson's limit for levels.
  // An attacker chooses the names, so they are neither interned nor kept in a shared table.
  private static final JsonFactory FACTORY =
      PooledJson.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNumberLength(MAX_NUMBER_CHARS).build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private static final Object NULL = new Object();

  private final JsonParser parser;
  private final String what;
  private final Nulls nulls;
  private int values;
  private @Nullable Refusal problem;

  private StrictJson(JsonParser parser, String what, Nulls nulls) {
    this.parser = parser;
    this.what = what;
    this.nulls = nulls;
  }

  /**
   * Reads the members of one JSON object.
   *
   * @param what the name of the document in refusals
   * @return the members; or the refusal {@code CREDENTIAL_MALFORMED}, {@code
   *     CREDENTIAL_NOT_SUPPORTED} or {@code CREDENTIAL_TOO_LARGE}
   */
  public static Outcome<Map<String, Object>> object(byte[] utf8, String what, Nulls nulls) {
    Optional<String> text = text(utf8);
    if (text.isEmpty()) {
      return Outcome.refused(malformed(what, "bytes that are not UTF-8"));
    }
    try (JsonParser parser = FACTORY.createParser(text.get())) {
      StrictJson json = new StrictJson(parser, what, nulls);
      Map<String, Object> members = json.document();
      return json.problem == null ? Outcome.accepted(members) : Outcome.refused(json.problem);
    } catch (StreamConstraintsException e) {
      return Outcome.refused(tooLarge(what, MAX_NUMBER_CHARS + " characters of a number"));
    } catch (JacksonException e) {
      // The message of Jackson may quote the document, so the refusal gives only the position.
      String place =
          e.getLocation() == null ? "" : " from character " + e.getLocation().getCharOffset();
      return Outcome.refused(malformed(what, "invalid JSON" + place));
    } catch (IOException e) {
      throw new IllegalStateException("Reading from memory cannot fail", e);
    }
  }

  private static Refusal malformed(String what, String seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_MALFORMED)
        .expected("one strict JSON object as " + what)
        .seen(seen);
  }

  private static Refusal tooLarge(String what, String most) {
    return Refusal.of(RefusalReason.CREDENTIAL_TOO_LARGE)
        .expected("at most " + most + " in " + what)
        .seen("more");
  }

  private static Optional<String> text(byte[] utf8) {
    String text = new String(utf8, StandardCharsets.UTF_8);
    // A replacement character stands for an invalid sequence, or the document contains it.
    return text.indexOf('\uFFFD') < 0 || Arrays.equals(text.getBytes(StandardCharsets.UTF_8), utf8)
        ? Optional.of(text)
        : Optional.empty();
  }

  private Map<String, Object> document() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      fail("no JSON object");
      return Map.of();
    }
    Map<String, Object> members = members();
    if (problem == null && parser.nextToken() != null) {
      fail("text after the object");
    }
    return members;
  }

  private Map<String, Object> members() throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    boolean nullSeen = false;
    while (problem == null && parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = text(parser.currentName(), MAX_NAME_CHARS, "a name");
      Object value = value(parser.nextToken());
      nullSeen |= value == NULL;
      if (members.putIfAbsent(name, value) != null) {
        fail("the member " + name + " twice");
      }
    }
    if (nullSeen) {
      members.values().removeIf(value -> value == NULL);
    }
    return Collections.unmodifiableMap(members);
  }

  private List<Object> elements() throws IOException {
    List<Object> elements = new ArrayList<>();
    while (problem == null) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.END_ARRAY) {
        break;
      }
      Object value = value(token);
      if (value != NULL) {
        elements.add(value);
      }
    }
    return Collections.unmodifiableList(elements);
  }

  private Object value(JsonToken token) throws IOException {
    if (++values > MAX_VALUES) {
      return fail(tooLarge(what, MAX_VALUES + " values"));
    }
    if (parser.getParsingContext().getNestingDepth() > MAX_DEPTH) {
      return fail(tooLarge(what, MAX_DEPTH + " levels"));
    }
    return switch (token) {
      case START_OBJECT -> members();
      case START_ARRAY -> elements();
      case VALUE_STRING -> text(parser.getText(), MAX_STRING_CHARS, "a string");
      case VALUE_NUMBER_INT -> integer();
      case VALUE_NUMBER_FLOAT -> decimal();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> nulls == Nulls.DROPPED ? NULL : fail("null");
      default -> fail("no JSON value");
    };
  }

  private Object integer() throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? fail(notSupported("an integer beyond 64 bits"))
        : (Object) parser.getLongValue();
  }

  private Object decimal() throws IOException {
    double value = parser.getDoubleValue();
    return Double.isFinite(value) ? (Object) value : fail(notSupported("a decimal beyond 64 bits"));
  }

  private Refusal notSupported(String seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_NOT_SUPPORTED)
        .expected("numbers of 64 bits in " + what)
        .seen(seen);
  }

  private String text(String text, int maxChars, String kind) {
    if (text.length() > maxChars) {
      fail(tooLarge(what, maxChars + " characters of " + kind));
    }
    return paired(text);
  }

  /** Refuses half a surrogate pair. JSON can escape one, but UTF-8 cannot encode it. */
  private String paired(String text) {
    if (!Surrogates.arePaired(text)) {
      fail("half a surrogate pair");
    }
    return text;
  }

  private Object fail(String seen) {
    return fail(malformed(what, seen));
  }

  /** Ends the reading. The first problem becomes the refusal. */
  private Object fail(Refusal why) {
    if (problem == null) {
      problem = why;
    }
    return NULL;
  }
}
