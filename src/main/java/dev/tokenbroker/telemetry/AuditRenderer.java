package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Audit records as bytes: each the line that {@link AuditLine} gives, byte for byte, and a line
 * break. Lines are added to one buffer, so that many are written at once. Confined to one thread.
 */
final class AuditRenderer {

  private static final byte[] TIME = AuditBytes.ascii("{\"time\":");
  private static final byte[] ACCEPTED = AuditBytes.ascii(",\"outcome\":\"accepted\"");
  private static final byte[] REFUSED = AuditBytes.ascii(",\"outcome\":\"refused\"");
  private static final byte[] VERDICT_ID = member("verdict_id");
  private static final byte[] INTENT = member("intent");
  private static final byte[] REVISION = member("federation_revision");
  private static final byte[] ISSUER = member("issuer");
  private static final byte[] RULE = member("rule");
  private static final byte[] TARGET = member("target");
  private static final byte[] DURATION = member("duration_micros");
  private static final byte[] REASON = member("reason");
  private static final byte[] FAULT = member("fault");
  private static final byte[] FAILED_STEP = member("failed_step");
  private static final byte[] EXPECTED = member("expected");
  private static final byte[] SEEN = member("seen");
  private static final byte[] HINTS = member("hints");
  private static final byte[] NOTES = member("notes");
  private static final byte[] DOOR = member("door");
  private static final byte[] PEER = member("peer");
  private static final byte[] DIGEST = member("credential_sha256_prefix");
  private static final byte[] SUBJECT = member("credential_sub");
  private static final byte[] TOKEN_ID = member("token_id");
  private static final byte[] TOKEN_SUBJECT = member("token_sub");
  private static final byte[] TOKEN_SCOPES = member("token_scopes");
  private static final byte[] TOKEN_EXPIRE_TIME = member("token_expire_time");
  private static final byte[] END = AuditBytes.ascii("}\n");

  private final AuditBytes bytes;

  AuditRenderer(AuditBytes bytes) {
    this.bytes = bytes;
  }

  /** Adds the line; where that fails, the buffer is left as it was. */
  void add(ExchangeRecord record) {
    int before = bytes.length();
    try {
      evaluation(record);
      ending(record.verdict());
      caller(record);
      token(record);
      bytes.raw(END);
    } catch (RuntimeException bug) {
      bytes.cut(before);
      throw bug;
    }
  }

  private void evaluation(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    bytes.raw(TIME);
    bytes.time(verdict.evaluationTime());
    bytes.raw(VERDICT_ID);
    bytes.quoted(verdict.id());
    bytes.raw(INTENT);
    bytes.quoted(verdict.intent().label());
    bytes.raw(verdict.accepted() ? ACCEPTED : REFUSED);
    text(REVISION, verdict.federationRevision());
    text(ISSUER, verdict.issuer());
    text(RULE, verdict.rule());
    text(TARGET, Evidence.clean(verdict.target()));
    bytes.raw(DURATION);
    bytes.number(record.duration().toNanos() / 1_000);
  }

  private void ending(Verdict verdict) {
    RefusalReason reason = verdict.reason();
    if (reason != null) {
      text(REASON, reason.name());
      text(FAULT, reason.fault().name().toLowerCase(Locale.ROOT));
    }
    for (Finding finding : verdict.steps()) {
      if (finding.result() == Result.FAILED) {
        text(FAILED_STEP, finding.step().label());
        text(EXPECTED, finding.expected());
        text(SEEN, finding.seen());
      }
    }
    texts(HINTS, verdict.hints());
    texts(NOTES, verdict.notes());
  }

  private void caller(ExchangeRecord record) {
    text(DOOR, record.door());
    text(PEER, Evidence.clean(record.peer()));
    text(DIGEST, record.credentialDigest());
    text(SUBJECT, subject(record.credentialSubject()));
  }

  private void token(ExchangeRecord record) {
    if (record.tokenId() == null) {
      return; // what a token would have been is not to be taken for one
    }
    text(TOKEN_ID, record.tokenId());
    text(TOKEN_SUBJECT, subject(record.tokenSubject()));
    texts(TOKEN_SCOPES, record.tokenScopes());
    if (record.tokenExpireTime() != null) {
      bytes.raw(TOKEN_EXPIRE_TIME);
      bytes.time(record.tokenExpireTime());
    }
  }

  private void text(byte[] member, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      bytes.raw(member);
      bytes.quoted(value);
    }
  }

  private void texts(byte[] member, List<String> values) {
    if (values.isEmpty()) {
      return;
    }
    bytes.raw(member);
    char separator = '[';
    for (String value : values) {
      bytes.raw(separator);
      bytes.quoted(value);
      separator = ',';
    }
    bytes.raw(']');
  }

  private static @Nullable String subject(@Nullable String subject) {
    return subject == null || subject.length() <= AuditLine.MAX_SUBJECT_CHARS
        ? subject
        : subject.substring(0, AuditLine.MAX_SUBJECT_CHARS - 1) + "…";
  }

  private static byte[] member(String name) {
    return AuditBytes.ascii(",\"" + name + "\":");
  }
}
