package dev.tokenbroker.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.lifecycle.KnownCaller;
import dev.tokenbroker.lifecycle.RolloutRecord;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.RefusalReason;
import java.io.IOException;

/**
 * Formats the audit record of a promotion or a rollback as a line like those of {@link AuditLine}.
 * The same things have the same names.
 */
final class RolloutLine {

  private RolloutLine() {}

  /** The line in ASCII, with a line break. */
  static byte[] of(RolloutRecord record) {
    return AuditLine.line(json -> write(json, record));
  }

  private static void write(JsonGenerator json, RolloutRecord record) throws IOException {
    RefusalReason refused = record.refused();
    json.writeStringField("time", record.time().toString());
    json.writeStringField("intent", intent(record.action()));
    json.writeStringField("outcome", refused == null ? "accepted" : "refused");
    if (refused != null) {
      AuditLine.reason(json, refused);
    }
    AuditLine.text(json, "edge", record.from().edge());
    AuditLine.text(json, "peer", Evidence.clean(record.from().peer()));
    KnownCaller by = record.by();
    if (by != null) {
      AuditLine.text(json, "caller_sub", AuditLine.subject(by.subject()));
      AuditLine.text(json, "caller_certificate", by.certificate());
      AuditLine.text(json, "caller_client", by.client());
    }
    AuditLine.text(json, "decided_by", AuditLine.subject(record.decidedBy()));
    AuditLine.text(json, "federation_revision", record.revision());
    AuditLine.text(json, "federation_revision_before", record.before());
    AuditLine.text(json, "why", Evidence.clean(record.why()));
  }

  private static String intent(RolloutAction action) {
    return switch (action) {
      case PROMOTED -> "promote";
      case ROLLED_BACK -> "roll-back";
      case LOADED -> "load";
    };
  }
}
