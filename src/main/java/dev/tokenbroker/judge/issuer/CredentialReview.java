package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.Set;

/** Asks an issuer whether it still accepts a credential that it has signed. */
@FunctionalInterface
public interface CredentialReview {

  /** The review of an issuer that cannot be asked: it refuses every credential. */
  CredentialReview NONE =
      (_, _, _) ->
          Outcome.refused(
              Refusal.of(RefusalReason.TOKEN_REVIEW_UNAVAILABLE)
                  .seen("no API server that reviews credentials"));

  /**
   * Asks the issuer, or uses its response of a moment ago. May wait until the deadline, and never
   * on an event loop.
   *
   * @param credential its text, whose signature is good
   * @param audiences the credential must be good for one of them
   * @return what the issuer has said, for the evidence; or a refusal: {@code
   *     CREDENTIAL_REFUSED_BY_ISSUER}, {@code TOKEN_REVIEW_UNAVAILABLE}, {@code
   *     ISSUER_ACCESS_REFUSED} or {@code DEADLINE_EXCEEDED}
   */
  Outcome<String> review(String credential, Set<String> audiences, Deadline deadline);
}
