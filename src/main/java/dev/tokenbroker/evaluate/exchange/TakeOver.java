package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.exchange.admission.ServedTime;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The conditions on which a replica hands out the token of another one: it found the same ({@link
 * SharedTerms}), it knows no revocation, and its own cache would hand the token out.
 */
final class TakeOver {

  private final Predicate<String> revoked;
  private final InstantSource clock;

  /**
   * @param revoked whether the token of that {@code id} was revoked
   */
  TakeOver(Predicate<String> revoked, InstantSource clock) {
    this.revoked = revoked;
    this.clock = clock;
  }

  /** Why this replica does not hand the token out, in words for operators; empty if it does. */
  Optional<String> obstacle(
      SharedToken shared, EvaluationContext run, VerifiedIdentity identity, Grant grant) {
    Optional<String> difference =
        SharedTerms.of(run.request(), identity, grant).differenceFrom(shared.terms());
    if (difference.isPresent()) {
      return difference;
    }
    if (revoked.test(shared.token().id())) {
      return Optional.of("its revocation");
    }
    return isTimely(shared.token(), run, identity, grant)
        ? Optional.empty()
        : Optional.of("its time");
  }

  /**
   * A refresh takes only a token whose own refresh cannot be due yet. The token that is being
   * renewed is older, so a replica never takes back what it holds.
   */
  private boolean isTimely(
      IssuedToken token, EvaluationContext run, VerifiedIdentity identity, Grant grant) {
    Instant now = clock.instant();
    ServedTime time = ServedTime.of(token, identity.acceptedUntil());
    Instant latest = grant.notAfter();
    return time.contains(now)
        && (latest == null || !token.expireTime().isAfter(latest))
        && (!run.isRefresh() || now.isBefore(time.earliestRefresh()));
  }
}
