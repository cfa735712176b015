package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.FieldViolation;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A request to put a revision in force.
 *
 * @param revision the revision, in full
 * @param reason why, in the caller's words
 */
public record RolloutRequest(String revision, String reason) {

  static final int MAX_REASON_CHARS = 256;

  private static final Pattern REVISION = Pattern.compile("[0-9a-f]{64}");

  /** The request with a reason that is fit to be shown; or the refusal {@code REQUEST_INVALID}. */
  Outcome<RolloutRequest> checked() {
    if (!REVISION.matcher(revision).matches()) {
      return invalid("revision", "must be a revision in full: 64 hexadecimal digits");
    }
    if (reason.isBlank() || reason.length() > MAX_REASON_CHARS) {
      return invalid("reason", "must say why, in 1 to " + MAX_REASON_CHARS + " characters");
    }
    return Outcome.accepted(new RolloutRequest(revision, Evidence.clean(reason)));
  }

  private static Outcome<RolloutRequest> invalid(String field, String expected) {
    return Outcome.refused(
        Refusal.ofRequest(List.of(new FieldViolation(field, expected)))
            .expected(field + " " + expected));
  }
}
