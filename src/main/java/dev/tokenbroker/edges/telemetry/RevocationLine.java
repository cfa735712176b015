package dev.tokenbroker.edges.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.TokenFacts;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import java.io.IOException;
import java.util.List;

/**
 * Formats the audit record of a call to revoke a token as a line like those of {@link AuditLine}.
 * The same things have the same names.
 */
final class RevocationLine {

  private static final String REPEATED = "It had been revoked before.";

  private RevocationLine() {}

  /** The line in ASCII, with a line break. */
  static byte[] of(RevocationRecord record) {
    return AuditLine.line(json -> write(json, record));
  }

  private static void write(JsonGenerator json, RevocationRecord record) throws IOException {
    json.writeStringField("time", record.time().toString());
    json.writeStringField("intent", "revoke");
    boolean accepted = record.outcome() instanceof Outcome.Accepted;
    json.writeStringField("outcome", accepted ? "accepted" : "refused");
    TokenFacts token = record.token();
    AuditLine.text(json, "target", Evidence.clean(token.audiences().getFirst()));
    ending(json, record.outcome());
    AuditLine.text(json, "edge", record.from().edge());
    AuditLine.text(json, "peer", Evidence.clean(record.from().peer()));
    AuditLine.text(json, "caller_sub", AuditLine.subject(record.by().subject()));
    AuditLine.text(json, "caller_client", record.by().client());
    AuditLine.text(json, "token_id", token.id());
    AuditLine.text(json, "token_sub", AuditLine.subject(token.subject()));
    AuditLine.texts(json, "token_scopes", token.scopes());
    json.writeStringField("token_expire_time", token.expireTime().toString());
  }

  private static void ending(JsonGenerator json, Outcome<Revocation> outcome) throws IOException {
    switch (outcome) {
      case Outcome.Accepted<Revocation>(Revocation revocation) -> {
        if (revocation == Revocation.REPEATED) {
          AuditLine.texts(json, "notes", List.of(REPEATED));
        }
      }
      case Outcome.Refused<Revocation>(Refusal refusal) -> AuditLine.reason(json, refusal.reason());
    }
  }
}
