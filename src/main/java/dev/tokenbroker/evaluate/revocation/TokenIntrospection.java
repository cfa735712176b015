package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;

/**
 * Tells whether a token that this broker minted is active (RFC 7662 section 2). The caller is
 * authenticated before the token is read. So a refused caller learns nothing about the token, not
 * even from the response time.
 */
@Singleton
public class TokenIntrospection {

  private final CallerAccess access;
  private final MintedTokens tokens;
  private final Revocations revocations;
  private final LifecycleObservers observers;

  TokenIntrospection(
      CallerAccess access,
      MintedTokens tokens,
      Revocations revocations,
      LifecycleObservers observers) {
    this.access = access;
    this.tokens = tokens;
    this.revocations = revocations;
    this.observers = observers;
  }

  /**
   * Looks up a token. Checks signatures, so it must not run on an event loop.
   *
   * @param token reads the token from the request once the caller is authenticated; refuses with
   *     {@code REQUEST_INVALID} if there is none
   * @return the token if it is active; empty if it is not, for whatever cause; the refusal {@code
   *     STORE_UNAVAILABLE} if another replica may have revoked it
   */
  public Outcome<Optional<MintedToken>> introspect(
      PresentedCaller caller, Supplier<Outcome<String>> token, Deadline deadline) {
    Supplier<Outcome<KnownCaller>> admitted =
        access.admitted(caller, Right.INTROSPECT, CallerAccess.NO_TOKEN, deadline);
    return bounded(admitted, token, deadline);
  }

  /** Looks up a token for an admitted caller; the container intercepts this call, too. */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<Optional<MintedToken>> bounded(
      Supplier<Outcome<KnownCaller>> caller, Supplier<Outcome<String>> token, Deadline deadline) {
    return observers.observed(
        Right.INTROSPECT,
        () -> caller.get().then(_ -> token.get()).then(presented -> active(presented, deadline)),
        active -> active.isPresent() ? "active" : "inactive");
  }

  /** Refuses a call above the limit of concurrent calls. */
  Outcome<Optional<MintedToken>> overloaded(
      Supplier<Outcome<KnownCaller>> caller, Supplier<Outcome<String>> token, Deadline deadline) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  private Outcome<Optional<MintedToken>> active(String presented, Deadline deadline) {
    // Asked before the token: a revocation that is heard between both must not be missed.
    boolean current = revocations.isCurrent();
    if (!(tokens.standing(presented, deadline)
        instanceof TokenStanding.Active(MintedToken token))) {
      return Outcome.accepted(Optional.empty());
    }
    return current
        ? Outcome.accepted(Optional.of(token))
        : Outcome.refused(
            Refusal.of(RefusalReason.STORE_UNAVAILABLE)
                .expected(
                    "what other replicas revoked, as of token-broker.revocation.max-silence ago")
                .seen("no answer of the store that knows"));
  }
}
