package dev.tokenbroker.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.HandedToken;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The audit record of one evaluation as one line of JSON; its members are described in {@code
 * src/docs/audit.md}.
 *
 * <p>Members without a value are left out. Everything but printable ASCII is escaped, so that no
 * claim can end the line, reorder it on a screen or make it invalid for a strict reader.
 */
final class AuditLine {

  /** The longest SPIFFE ID, which is the longest subject that a known issuer signs. */
  static final int MAX_SUBJECT_CHARS = 2048;

  private static final int TYPICAL_BYTES = 1024;

  static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .characterEscapes(new DeleteEscaped())
          .rootValueSeparator("")
          .build();

  static final InstantText TIMES = new InstantText();
  static final InstantText ENDS = new InstantText();

  static final SerializableString TIME = new SerializedString("time");
  private static final SerializableString VERDICT_ID = new SerializedString("verdict_id");
  static final SerializableString INTENT = new SerializedString("intent");
  static final SerializableString OUTCOME = new SerializedString("outcome");
  static final SerializableString TARGET = new SerializedString("target");
  private static final SerializableString DURATION_MICROS = new SerializedString("duration_micros");
  private static final SerializableString REASON = new SerializedString("reason");
  private static final SerializableString FAULT = new SerializedString("fault");
  private static final SerializableString FAILED_STEP = new SerializedString("failed_step");
  private static final SerializableString EXPECTED = new SerializedString("expected");
  private static final SerializableString SEEN = new SerializedString("seen");
  private static final SerializableString HINTS = new SerializedString("hints");
  static final SerializableString NOTES = new SerializedString("notes");
  static final SerializableString DOOR = new SerializedString("door");
  static final SerializableString PEER = new SerializedString("peer");
  private static final SerializableString FEDERATION_REVISION =
      new SerializedString("federation_revision");
  private static final SerializableString ISSUER = new SerializedString("issuer");
  private static final SerializableString RULE = new SerializedString("rule");
  private static final SerializableString CREDENTIAL_SHA256_PREFIX =
      new SerializedString("credential_sha256_prefix");
  private static final SerializableString CREDENTIAL_SUB = new SerializedString("credential_sub");
  static final SerializableString TOKEN_ID = new SerializedString("token_id");
  static final SerializableString TOKEN_SUB = new SerializedString("token_sub");
  static final SerializableString TOKEN_SCOPES = new SerializedString("token_scopes");
  static final SerializableString TOKEN_EXPIRE_TIME = new SerializedString("token_expire_time");

  private AuditLine() {}

  /** The line in ASCII, with a line break. */
  static byte[] line(ExchangeRecord record) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(TYPICAL_BYTES);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      evaluation(json, record);
      facts(json, record);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("A stream to memory failed", e);
    }
    return line.toByteArray();
  }

  private static void evaluation(JsonGenerator json, ExchangeRecord record) throws IOException {
    Verdict verdict = record.verdict();
    member(json, TIME, TIMES.of(verdict.evaluationTime()));
    member(json, VERDICT_ID, verdict.id());
    member(json, INTENT, verdict.intent().label());
    member(json, OUTCOME, verdict.accepted() ? "accepted" : "refused");
    if (!verdict.accepted()) {
      refusal(json, verdict);
    }
    json.writeFieldName(DURATION_MICROS);
    json.writeNumber(record.duration().toNanos() / 1_000);
    text(json, DOOR, record.door());
    text(json, PEER, Evidence.clean(record.peer()));
  }

  private static void refusal(JsonGenerator json, Verdict verdict) throws IOException {
    RefusalReason reason = verdict.reason();
    if (reason != null) {
      reason(json, reason);
    }
    for (Finding finding : verdict.steps()) {
      if (finding.result() == Result.FAILED) {
        member(json, FAILED_STEP, finding.step().label());
        text(json, EXPECTED, finding.expected());
        text(json, SEEN, finding.seen());
      }
    }
    texts(json, HINTS, verdict.hints());
  }

  static void reason(JsonGenerator json, RefusalReason reason) throws IOException {
    member(json, REASON, reason.name());
    member(json, FAULT, reason.fault().name().toLowerCase(Locale.ROOT));
  }

  private static void facts(JsonGenerator json, ExchangeRecord record) throws IOException {
    Verdict verdict = record.verdict();
    text(json, FEDERATION_REVISION, verdict.federationRevision());
    text(json, ISSUER, verdict.issuer());
    text(json, RULE, verdict.rule());
    text(json, TARGET, Evidence.clean(verdict.target()));
    texts(json, NOTES, verdict.notes());
    text(json, CREDENTIAL_SHA256_PREFIX, record.credentialDigest());
    text(json, CREDENTIAL_SUB, subject(record.credentialSubject()));
    HandedToken token = record.token();
    if (token != null) {
      text(json, TOKEN_ID, token.id());
      text(json, TOKEN_SUB, subject(token.subject()));
      texts(json, TOKEN_SCOPES, token.scopes());
      member(json, TOKEN_EXPIRE_TIME, ENDS.of(token.expireTime()));
    }
  }

  static @Nullable String subject(@Nullable String subject) {
    return subject == null || subject.length() <= MAX_SUBJECT_CHARS
        ? subject
        : subject.substring(0, MAX_SUBJECT_CHARS - 1) + "…";
  }

  static void text(JsonGenerator json, SerializableString name, @Nullable String value)
      throws IOException {
    if (value != null && !value.isEmpty()) {
      member(json, name, wellFormed(value));
    }
  }

  static void member(JsonGenerator json, SerializableString name, String value) throws IOException {
    json.writeFieldName(name);
    json.writeString(value);
  }

  static void texts(JsonGenerator json, SerializableString name, List<String> values)
      throws IOException {
    if (values.isEmpty()) {
      return;
    }
    json.writeFieldName(name);
    json.writeStartArray();
    for (String value : values) {
      json.writeString(wellFormed(value));
    }
    json.writeEndArray();
  }

  // A lone surrogate is no character, and has no escape that strict JSON readers take: encoding
  // replaces it.
  private static String wellFormed(String text) {
    for (int at = 0; at < text.length(); at++) {
      if (Character.isSurrogate(text.charAt(at))) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
      }
    }
    return text;
  }

  /** JSON's own escapes, and DEL: the one control character that JSON lets stand. */
  private static final class DeleteEscaped extends CharacterEscapes {

    private static final int DELETE = 0x7F;

    private final int[] escapes = standardAsciiEscapesForJSON();

    DeleteEscaped() {
      escapes[DELETE] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return escapes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return null;
    }
  }
}
