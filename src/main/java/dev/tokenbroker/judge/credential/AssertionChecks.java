package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;

/**
 * Verifies the assertions of clients at endpoints that admit few calls at once. Anybody can name a
 * registered client and a key that must be fetched. So each assertion is first verified with the
 * keys and the TokenReviews that this replica remembers. An assertion that may need other keys
 * waits for them in one bulkhead. An assertion that passed every other check waits for its
 * TokenReview in another bulkhead, which strangers cannot fill. The container also intercepts calls
 * within this class. Thread-safe.
 */
@Singleton
public class AssertionChecks {

  private final CredentialVerifier verifier;

  public AssertionChecks(CredentialVerifier verifier) {
    this.verifier = verifier;
  }

  /**
   * Verifies an assertion.
   *
   * @param issuer the issuer that the assertion names
   * @return the proved identity; or a refusal of the verifier, or {@code BROKER_OVERLOADED}
   */
  Outcome<VerifiedIdentity> verify(
      PresentedCredential assertion,
      TrustedIssuer issuer,
      TrustedIssuers issuers,
      Deadline deadline) {
    Trail trail = new Trail();
    Outcome<VerifiedIdentity> found = atOnce(assertion, issuers, trail);
    if (trail.failed() != Step.REVIEW
        && found instanceof Outcome.Refused<VerifiedIdentity>(Refusal why)
        && mayNeedOtherKeys(why, issuer)) {
      trail = new Trail();
      found = waiting(assertion, issuers, deadline, trail);
    }
    return trail.failed() == Step.REVIEW
        ? reviewed(assertion, issuers, deadline, new Trail())
        : found;
  }

  /** Whether a fetch may bring another result: it is under way, or the key was replaced. */
  private static boolean mayNeedOtherKeys(Refusal why, TrustedIssuer issuer) {
    return issuer.keys().status().freshness() != Freshness.FIXED
        && (why.reason().kind() == RefusalKind.DEADLINE
            || why.reason() == RefusalReason.SIGNATURE_INVALID);
  }

  /**
   * Verifies with the keys and reviews that are remembered. Begins a fetch of keys that is due, and
   * does not wait.
   */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<VerifiedIdentity> atOnce(
      PresentedCredential assertion, TrustedIssuers issuers, Trail trail) {
    return verifier.verify(assertion, issuers, Deadline.after(Duration.ZERO), trail);
  }

  /** Waits for keys, but for no review. */
  @Bulkhead(64)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<VerifiedIdentity> waiting(
      PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline, Trail trail) {
    Deadline now = Deadline.after(Duration.ZERO);
    return verifier.verify(assertion, issuers, deadline, now, trail);
  }

  @Bulkhead(64)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<VerifiedIdentity> reviewed(
      PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline, Trail trail) {
    return verifier.verify(assertion, issuers, deadline, trail);
  }

  /** Refuses an assertion above the limit of concurrent checks. */
  Outcome<VerifiedIdentity> overloaded(
      PresentedCredential assertion, TrustedIssuers issuers, Trail trail) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  /** Refuses an assertion above the limit of those that wait. */
  Outcome<VerifiedIdentity> overloaded(
      PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline, Trail trail) {
    return overloaded(assertion, issuers, trail);
  }
}
