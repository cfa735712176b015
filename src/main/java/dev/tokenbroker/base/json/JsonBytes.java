package dev.tokenbroker.base.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON objects, such as claims, keys and responses. */
public final class JsonBytes {

  // Otherwise Jackson writes a character beyond U+FFFF as two escapes: 12 bytes instead of 4.
  private static final JsonFactory FACTORY =
      PooledJson.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private JsonBytes() {}

  /**
   * The object in UTF-8, with its members in the order of the map.
   *
   * @param members strings, booleans, numbers, and iterables and string-keyed maps of them
   * @throws IllegalArgumentException for a value of another type
   */
  public static byte[] of(Map<String, ?> members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      write(json, members);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Puts a member, unless its value is null, an empty text, list or map. */
  public static <T> void putUnlessEmpty(
      Map<String, ? super T> members, String name, @Nullable T value) {
    switch (value) {
      case null -> {}
      case String text when text.isEmpty() -> {}
      case Collection<?> elements when elements.isEmpty() -> {}
      case Map<?, ?> inner when inner.isEmpty() -> {}
      default -> members.put(name, value);
    }
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case String text -> json.writeString(text);
      case Boolean truth -> json.writeBoolean(truth);
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case BigInteger number -> json.writeNumber(number);
      case BigDecimal number -> json.writeNumber(number);
      case Double number when Double.isFinite(number) -> json.writeNumber(number);
      case Map<?, ?> members -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> member : members.entrySet()) {
          json.writeFieldName((String) member.getKey());
          write(json, member.getValue());
        }
        json.writeEndObject();
      }
      case Iterable<?> elements -> {
        json.writeStartArray();
        for (Object element : elements) {
          write(json, element);
        }
        json.writeEndArray();
      }
      default ->
          throw new IllegalArgumentException(
              "no JSON form for a " + value.getClass().getSimpleName());
    }
  }
}
