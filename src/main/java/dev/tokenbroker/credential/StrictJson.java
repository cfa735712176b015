package dev.tokenbroker.credential;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
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
 * Reads one JSON object (RFC 8259) so that no two readers can understand it differently.
 *
 * <p>Refused beyond what the grammar refuses: a member that stands twice (RFC 7519 section 4),
 * UTF-8 that is not well-formed, half a surrogate pair, integers beyond 64 bits, decimals beyond a
 * double, anything after the object, depth beyond {@value #MAX_DEPTH}, more than {@value
 * #MAX_VALUES} values, strings beyond {@value #MAX_STRING_CHARS} and names beyond {@value
 * #MAX_NAME_CHARS} characters.
 *
 * <p>Values become {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code List} and
 * {@code Map}, deeply immutable and in their order. Confined to one call.
 */
final class StrictJson {

  static final int MAX_DEPTH = 16;
  static final int MAX_VALUES = 1024;
  static final int MAX_STRING_CHARS = 16_384;
  static final int MAX_NAME_CHARS = 256;
  static final int MAX_NUMBER_CHARS = 64;

  /** What becomes of JSON null. */
  enum Nulls {
    /** Members and elements that are null are left out, as if they were not there. */
    DROPPED,
    /** Null anywhere refuses the document. */
    REFUSED
  }

  // Names come from strangers: they are neither interned nor kept in a table that all calls share.
  // Buffers are pooled by the process, since calls run on virtual threads that are used once.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_STRING_CHARS)
                  .maxNameLength(MAX_NAME_CHARS)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
          .build();

  private static final Object NULL = new Object();

  private final JsonParser parser;
  private final Nulls nulls;
  private int values;
  private @Nullable String problem;

  private StrictJson(JsonParser parser, Nulls nulls) {
    this.parser = parser;
    this.nulls = nulls;
  }

  /**
   * The members of the object that these bytes are.
   *
   * @param what the name of the document in evidence
   * @return the members; or the refusal {@code CREDENTIAL_MALFORMED}
   */
  static Outcome<Map<String, Object>> object(byte[] utf8, String what, Nulls nulls) {
    Optional<String> text = text(utf8);
    if (text.isEmpty()) {
      return malformed(what, "bytes that are not UTF-8");
    }
    try (JsonParser parser = FACTORY.createParser(text.get().toCharArray())) {
      StrictJson json = new StrictJson(parser, nulls);
      Map<String, Object> members = json.document();
      return json.problem == null ? Outcome.accepted(members) : malformed(what, json.problem);
    } catch (JacksonException e) {
      // Its message may quote the document: only the place is told.
      return e.getLocation() == null
          ? malformed(what, "something else")
          : malformed(what, "something else from character " + e.getLocation().getCharOffset());
    } catch (IOException e) {
      throw new IllegalStateException("Reading from memory cannot fail", e);
    }
  }

  private static Outcome<Map<String, Object>> malformed(String what, String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.CREDENTIAL_MALFORMED)
            .expected("one strict JSON object as " + what)
            .seen(seen));
  }

  private static Optional<String> text(byte[] utf8) {
    String text = new String(utf8, StandardCharsets.UTF_8);
    // A replacement character stands for a malformed sequence, or was itself in the document.
    return text.indexOf('\uFFFD') < 0 || Arrays.equals(text.getBytes(StandardCharsets.UTF_8), utf8)
        ? Optional.of(text)
        : Optional.empty();
  }

  private Map<String, Object> document() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      fail("no object");
      return Map.of();
    }
    Map<String, Object> members = members();
    if (problem == null && parser.nextToken() != null) {
      fail("more after the object");
    }
    return members;
  }

  private Map<String, Object> members() throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    boolean nullSeen = false;
    while (problem == null && parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = paired(parser.currentName());
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
      return fail("more than " + MAX_VALUES + " values");
    }
    return switch (token) {
      case START_OBJECT -> members();
      case START_ARRAY -> elements();
      case VALUE_STRING -> paired(parser.getText());
      case VALUE_NUMBER_INT -> integer();
      case VALUE_NUMBER_FLOAT -> decimal();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> nulls == Nulls.DROPPED ? NULL : fail("null");
      default -> fail("something else than a value");
    };
  }

  private Object integer() throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? fail("an integer beyond 64 bits")
        : (Object) parser.getLongValue();
  }

  private Object decimal() throws IOException {
    double value = parser.getDoubleValue();
    return Double.isFinite(value) ? (Object) value : fail("a number beyond a double");
  }

  /** Half a pair can be escaped into JSON, but not into the UTF-8 of a token or a log. */
  private String paired(String text) {
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (!Character.isSurrogate(c)) {
        at++;
        continue;
      }
      if (at + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(at + 1))) {
        fail("half a surrogate pair");
        break;
      }
      at += 2;
    }
    return text;
  }

  /** Ends the reading; the first problem is the one that is told. */
  private Object fail(String seen) {
    if (problem == null) {
      problem = seen;
    }
    return NULL;
  }
}
