package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalKind;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Trail;
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
 * keys that are there. Only an assertion that needs other keys or the issuer itself waits, in a
 * bulkhead of its own. The container also intercepts calls within this class. Thread-safe.
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
    if (issuer.tokenReview()) {
      return waiting(assertion, issuers, deadline);
    }
    Outcome<VerifiedIdentity> found = atOnce(assertion, issuers);
    return found instanceof Outcome.Refused<VerifiedIdentity>(Refusal why)
            && isForWantOfKeys(why, issuer)
        ? waiting(assertion, issuers, deadline)
        : found;
  }

  /** Whether a fetch may bring another result: it is under way, or the key was replaced. */
  private static boolean isForWantOfKeys(Refusal why, TrustedIssuer issuer) {
    return issuer.keys().status().freshness() != Freshness.FIXED
        && (why.reason().kind() == RefusalKind.DEADLINE
            || why.reason() == RefusalReason.SIGNATURE_INVALID);
  }

  /** Verifies with the keys that are there. Begins a fetch that is due, and does not wait. */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<VerifiedIdentity> atOnce(PresentedCredential assertion, TrustedIssuers issuers) {
    return verifier.verify(assertion, issuers, Deadline.after(Duration.ZERO), new Trail());
  }

  @Bulkhead(64)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<VerifiedIdentity> waiting(
      PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline) {
    return verifier.verify(assertion, issuers, deadline, new Trail());
  }

  /** Refuses an assertion above the limit of concurrent checks. */
  Outcome<VerifiedIdentity> overloaded(PresentedCredential assertion, TrustedIssuers issuers) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  /** Refuses an assertion above the limit of those that wait. */
  Outcome<VerifiedIdentity> overloaded(
      PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline) {
    return overloaded(assertion, issuers);
  }
}
