package dev.tokenbroker.base.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object that a peer sent. It refuses every document that two parsers could
 * understand differently: UTF-8 must be well-formed, members unique, and nothing may follow the
 * object (RFC 8259, RFC 7493).
 *
 * <p>Bounds: {@value #MAX_BYTES} bytes, {@value #MAX_DEPTH} levels, strings of {@value
 * #MAX_STRING_CHARS} characters, names of 1024, numbers of 64. Null members and elements are
 * dropped. A refusal names the fault and never quotes the text.
 */
public final class PeerJson {

  public static final int MAX_BYTES = 256 * 1024;
  public static final int MAX_DEPTH = 16;
  public static final int MAX_STRING_CHARS = 64 * 1024;

  private static final JsonFactory FACTORY =
      PooledJson.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_STRING_CHARS)
                  .maxNameLength(1024)
                  .maxNumberLength(64)
                  .build())
          .build();

  private PeerJson() {}

  /** The members of the object, or the refusal {@code KEYS_INVALID}. */
  public static Outcome<Map<String, Object>> object(byte[] json) {
    if (json.length > MAX_BYTES) {
      return refused("more than " + MAX_BYTES + " bytes");
    }
    String text;
    try {
      // RFC 8259 section 8.1 lets a parser ignore a byte order mark, which some servers send.
      text = BoundedFile.text(json);
    } catch (CharacterCodingException notUtf8) {
      return refused("text that is not UTF-8");
    }
    if (text.isBlank()) {
      return refused("an empty body");
    }
    if (text.stripLeading().startsWith("<")) {
      return refused("a web page or XML");
    }
    return parse(text);
  }

  private static Outcome<Map<String, Object>> parse(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return refused("a JSON value that is not an object");
      }
      Map<String, Object> object = readObject(parser);
      return parser.nextToken() == null
          ? Outcome.accepted(object)
          : refused("text after the JSON object" + place(parser.currentTokenLocation()));
    } catch (StreamConstraintsException tooMuch) {
      return refused("JSON that is nested too deeply or holds too long a value");
    } catch (DuplicateMember twice) {
      return refused("invalid JSON: a duplicate member" + place(twice.getLocation()));
    } catch (JsonParseException malformed) {
      return refused("invalid JSON: a syntax error" + place(malformed.getLocation()));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static String place(JsonLocation at) {
    return " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  private static final class DuplicateMember extends JsonParseException {

    DuplicateMember(JsonParser parser) {
      super(parser, "a duplicate member", parser.currentTokenLocation());
    }
  }

  private static Map<String, Object> readObject(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!names.add(name)) {
        throw new DuplicateMember(parser);
      }
      parser.nextToken();
      Object value = readValue(parser);
      if (value != null) {
        object.put(name, value);
      }
    }
    return object;
  }

  private static List<Object> readArray(JsonParser parser) throws IOException {
    List<Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object value = readValue(parser);
      if (value != null) {
        array.add(value);
      }
    }
    return array;
  }

  private static @Nullable Object readValue(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Outcome<Map<String, Object>> refused(String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.KEYS_INVALID).expected("a JSON object").seen(seen));
  }
}
