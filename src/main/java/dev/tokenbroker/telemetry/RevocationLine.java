package dev.tokenbroker.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tokenbroker.lifecycle.RevocationRecord;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.token.MintedToken;
import dev.tokenbroker.token.Revocations.Revocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The audit record of a call to revoke a token, as a line like those of {@link AuditLine}, with the
 * same names for what is the same.
 */
final class RevocationLine {

  private static final SerializedString CALLER_SUB = new SerializedString("caller_sub");
  private static final SerializedString CALLER_CERTIFICATE =
      new SerializedString("caller_certificate");

  private static final String REVOKE = "revoke";
  private static final String REPEATED = "It had been revoked before.";

  private RevocationLine() {}

  /** The line in ASCII, with a line break. */
  static byte[] of(RevocationRecord record) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    try (JsonGenerator json = AuditLine.JSON.createGenerator(line)) {
      json.writeStartObject();
      AuditLine.member(json, AuditLine.TIME, AuditLine.TIMES.of(record.time()));
      AuditLine.member(json, AuditLine.INTENT, REVOKE);
      boolean accepted = record.outcome() instanceof Outcome.Accepted;
      AuditLine.member(json, AuditLine.OUTCOME, accepted ? "accepted" : "refused");
      MintedToken token = record.token();
      AuditLine.text(json, AuditLine.TARGET, Evidence.clean(token.audiences().getFirst()));
      ending(json, record.outcome());
      AuditLine.text(json, AuditLine.DOOR, record.from().door());
      AuditLine.text(json, AuditLine.PEER, Evidence.clean(record.from().peer()));
      AuditLine.text(json, CALLER_SUB, AuditLine.subject(record.by().subject()));
      AuditLine.text(json, CALLER_CERTIFICATE, record.by().certificate());
      AuditLine.text(json, AuditLine.TOKEN_ID, token.id());
      AuditLine.text(json, AuditLine.TOKEN_SUB, AuditLine.subject(token.subject()));
      AuditLine.texts(json, AuditLine.TOKEN_SCOPES, token.scopes());
      AuditLine.member(json, AuditLine.TOKEN_EXPIRE_TIME, AuditLine.ENDS.of(token.expireTime()));
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("A stream to memory failed", e);
    }
    return line.toByteArray();
  }

  private static void ending(JsonGenerator json, Outcome<Revocation> outcome) throws IOException {
    switch (outcome) {
      case Outcome.Accepted<Revocation>(Revocation revocation) -> {
        if (revocation == Revocation.REPEATED) {
          AuditLine.texts(json, AuditLine.NOTES, List.of(REPEATED));
        }
      }
      case Outcome.Refused<Revocation>(Refusal refusal) -> AuditLine.reason(json, refusal.reason());
    }
  }
}
