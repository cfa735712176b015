package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import java.util.Optional;

/** Verifies credentials of one format. Each format has its own implementation. */
public interface CredentialVerifier {

  /** Whether this verifier reads this token type, a URN of RFC 8693 section 3. */
  boolean accepts(String tokenType);

  /**
   * The identity that a credential names. Nothing proves it: anybody can write it.
   *
   * @param bound whether the credential names a key that its holder must prove
   */
  record UnverifiedIdentity(TrustedIssuer issuer, String subject, boolean bound) {}

  /**
   * The identity that the credential names, compared exactly. This method verifies nothing and
   * never waits. It returns empty for a credential that is unreadable or means no single trusted
   * issuer: {@link #verify} refuses that one before it needs a key.
   */
  Optional<UnverifiedIdentity> named(PresentedCredential credential, TrustedIssuers issuers);

  /**
   * Whether the credential names an issuer with {@code once: true}. Two callers must not share the
   * evaluation of such a credential. This method verifies nothing. It returns false for an
   * unreadable credential, since the broker issues no token for that one.
   */
  default boolean isOnceOnly(PresentedCredential credential, TrustedIssuers issuers) {
    return issuers.haveOnceOnly()
        && named(credential, issuers).filter(identity -> identity.issuer().once()).isPresent();
  }

  /**
   * Whether what the credential gives may depend on the keys of the caller: it is bound to a key,
   * for one exchange, or unreadable. This method verifies nothing.
   */
  default boolean needsKeys(PresentedCredential credential, TrustedIssuers issuers) {
    return named(credential, issuers)
        .filter(identity -> !identity.bound() && !identity.issuer().once())
        .isEmpty();
  }

  /**
   * Whether the credential says that it is of the stated client: {@link RegisteredClients#isOf}.
   * This method verifies nothing. It returns false for an unreadable credential.
   */
  boolean saysClient(
      PresentedCredential credential,
      PresentedClient stated,
      TrustedIssuers issuers,
      RegisteredClients clients);

  /**
   * Runs the checks from {@code FORMAT} to {@code AUDIENCE} and records each result on the trail.
   * The call may wait for the issuer's keys until the deadline. Do not call it on an event loop.
   *
   * @return the proved identity, or the refusal of the first failed check; the trail also has this
   *     refusal
   */
  Outcome<VerifiedIdentity> verify(
      PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail);

  /**
   * As {@link #verify(PresentedCredential, TrustedIssuers, Deadline, Trail)}, with another deadline
   * for the check {@code REVIEW}. A format without that check ignores it.
   */
  default Outcome<VerifiedIdentity> verify(
      PresentedCredential credential,
      TrustedIssuers issuers,
      Deadline deadline,
      Deadline reviewBy,
      Trail trail) {
    return verify(credential, issuers, deadline, trail);
  }
}
