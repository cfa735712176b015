package dev.tokenbroker.edges.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.tokenbroker.base.json.PooledJson;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.base.text.Surrogates;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord.HandedToken;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Formats the audit record of one evaluation as one line of JSON. {@code src/docs/operate/audit.md}
 * describes its members.
 *
 * <p>Members without a value are left out. Everything but printable ASCII is escaped. So no claim
 * can end the line, reorder it on a screen or make it invalid for a strict reader.
 */
final class AuditLine {

  /** The longest SPIFFE ID, which is the longest subject that a known issuer signs. */
  static final int MAX_SUBJECT_CHARS = 2048;

  private static final int TYPICAL_BYTES = 1024;

  static final JsonFactory JSON =
      PooledJson.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .characterEscapes(new DeleteEscaped())
          .rootValueSeparator("")
          .build();

  private AuditLine() {}

  /** The line in ASCII, with a line break. */
  static byte[] line(ExchangeRecord record) {
    return line(
        json -> {
          evaluation(json, record);
          facts(json, record);
        });
  }

  /** Writes the members of the object that is the line. */
  @FunctionalInterface
  interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  /** A line with one object, and a line break at its end. */
  static byte[] line(Members members) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(TYPICAL_BYTES);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("A stream to memory failed", e);
    }
    return line.toByteArray();
  }

  private static void evaluation(JsonGenerator json, ExchangeRecord record) throws IOException {
    Verdict verdict = record.verdict();
    json.writeStringField("time", verdict.evaluationTime().toString());
    json.writeStringField("verdict_id", verdict.id());
    json.writeStringField("intent", verdict.intent().label());
    json.writeStringField("outcome", verdict.accepted() ? "accepted" : "refused");
    if (!verdict.accepted()) {
      refusal(json, verdict);
    }
    json.writeNumberField("duration_micros", record.duration().toNanos() / 1_000);
    text(json, "edge", record.edge());
    text(json, "peer", Evidence.clean(record.peer()));
  }

  private static void refusal(JsonGenerator json, Verdict verdict) throws IOException {
    RefusalReason reason = verdict.reason();
    if (reason != null) {
      reason(json, reason);
    }
    for (Finding finding : verdict.steps()) {
      if (finding.result() == Result.FAILED) {
        json.writeStringField("failed_step", finding.step().label());
        text(json, "expected", finding.expected());
        text(json, "seen", finding.seen());
      }
    }
    texts(json, "hints", verdict.hints());
  }

  static void reason(JsonGenerator json, RefusalReason reason) throws IOException {
    json.writeStringField("reason", reason.name());
    json.writeStringField("fault", reason.fault().name().toLowerCase(Locale.ROOT));
  }

  private static void facts(JsonGenerator json, ExchangeRecord record) throws IOException {
    Verdict verdict = record.verdict();
    text(json, "federation_revision", verdict.federationRevision());
    text(json, "issuer", verdict.issuer());
    text(json, "client", verdict.client());
    text(json, "rule", verdict.rule());
    text(json, "rule_file", verdict.ruleFile());
    text(json, "target", Evidence.clean(verdict.target()));
    texts(json, "notes", verdict.notes());
    if (!verdict.shadowRules().isEmpty()) {
      texts(json, "shadow_rules", verdict.shadowRules().stream().map(ShadowFinding::text).toList());
    }
    text(json, "credential_sha256_prefix", record.credentialDigest());
    text(json, "credential_sub", subject(record.credentialSubject()));
    HandedToken token = record.token();
    if (token != null) {
      text(json, "token_id", token.id());
      text(json, "token_sub", subject(token.subject()));
      texts(json, "token_scopes", token.scopes());
      json.writeStringField("token_expire_time", token.expireTime().toString());
    }
  }

  static @Nullable String subject(@Nullable String subject) {
    return subject == null || subject.length() <= MAX_SUBJECT_CHARS
        ? subject
        : subject.substring(0, MAX_SUBJECT_CHARS - 1) + "…";
  }

  static void text(JsonGenerator json, String name, @Nullable String value) throws IOException {
    if (value != null && !value.isEmpty()) {
      json.writeStringField(name, wellFormed(value));
    }
  }

  static void texts(JsonGenerator json, String name, List<String> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(wellFormed(value));
    }
    json.writeEndArray();
  }

  // A lone surrogate is not a character, and strict JSON readers accept no escape for it. Encoding
  // replaces it.
  private static String wellFormed(String text) {
    return Surrogates.arePaired(text)
        ? text
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  /** Escapes DEL beside JSON's own escapes: JSON allows no other control character unescaped. */
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
