package dev.tokenbroker.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Has facts that come again and again, as those of a token that many ask for, written out once
 * only: the text is two thirds of an audit line. Keeps {@value #SLOTS} texts at most, of {@value
 * #MOST_CHARS} characters each; which facts share a slot hangs on their token, and the latest has
 * it. Safe for use by many threads.
 */
final class KnownFacts {

  static final int SLOTS = 256;
  static final int MOST_CHARS = 1024;

  private final AtomicReferenceArray<@Nullable Known> slots = new AtomicReferenceArray<>(SLOTS);

  /**
   * @param text null until the facts are seen a second time: most are not
   */
  private record Known(AuditFacts facts, @Nullable SerializableString text) {}

  /**
   * The members of those facts as they stand in an object behind others, with the comma before
   * them.
   *
   * @return null where they are to be written out; always for those without a token
   */
  @Nullable SerializableString find(AuditFacts facts) throws IOException {
    if (facts.token() == null) {
      return null;
    }
    int hash = facts.token().id().hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Known known = slots.get(slot);
    if (known == null || !known.facts().equals(facts)) {
      slots.set(slot, new Known(facts, null));
      return null;
    }
    return known.text() == null ? writtenOut(facts, slot) : known.text();
  }

  private @Nullable SerializableString writtenOut(AuditFacts facts, int slot) throws IOException {
    String text = text(facts);
    if (text.length() > MOST_CHARS) {
      return null;
    }
    SerializableString kept = new SerializedString(text);
    slots.set(slot, new Known(facts, kept));
    return kept;
  }

  private static String text(AuditFacts facts) throws IOException {
    ByteArrayOutputStream object = new ByteArrayOutputStream(MOST_CHARS);
    try (JsonGenerator json = AuditLine.JSON.createGenerator(object)) {
      json.writeStartObject();
      facts.write(json);
      json.writeEndObject();
    }
    String whole = object.toString(StandardCharsets.US_ASCII);
    return "," + whole.substring(1, whole.length() - 1);
  }
}
