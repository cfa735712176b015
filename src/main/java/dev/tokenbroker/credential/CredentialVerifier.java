package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuers;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Trail;

/** Proves what a credential of one format says; another format is another implementation. */
public interface CredentialVerifier {

  /** Whether credentials of this token type (a URN of RFC 8693 section 3) are of this format. */
  boolean accepts(String tokenType);

  /**
   * Whether the credential says that it is of an issuer whose credentials may be exchanged once
   * only, so that no two callers may share its evaluation. Nothing is verified; false where it
   * cannot be read, since nothing is issued for it then.
   */
  boolean isOnceOnly(PresentedCredential credential, TrustedIssuers issuers);

  /**
   * Checks everything from {@code FORMAT} to {@code AUDIENCE}, and leaves the finding of each step
   * on the trail. May wait for the issuer's keys, until the deadline at most, and never on an event
   * loop.
   *
   * @return the identity proved; or the refusal of the first check that did not hold, which the
   *     trail holds, too
   */
  Outcome<VerifiedIdentity> verify(
      PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail);
}
