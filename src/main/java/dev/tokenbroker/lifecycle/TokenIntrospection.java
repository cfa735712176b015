package dev.tokenbroker.lifecycle;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
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
  private final LifecycleObservers observers;

  TokenIntrospection(CallerAccess access, MintedTokens tokens, LifecycleObservers observers) {
    this.access = access;
    this.tokens = tokens;
    this.observers = observers;
  }

  /**
   * Looks up a token. Checks signatures, so it must not run on an event loop.
   *
   * @param token reads the token from the request once the caller is authenticated; refuses with
   *     {@code REQUEST_INVALID} if there is none
   * @return the token if it is active; empty if it is not, for whatever cause
   */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  public Outcome<Optional<MintedToken>> introspect(
      PresentedCaller caller, Supplier<Outcome<String>> token, Deadline deadline) {
    return observers.observed(
        Right.INTROSPECT,
        () ->
            access
                .admit(caller, Right.INTROSPECT, deadline)
                .then(_ -> token.get())
                .map(presented -> active(presented, deadline)),
        active -> active.isPresent() ? "active" : "inactive");
  }

  /** Refuses a call above the limit of concurrent calls. */
  Outcome<Optional<MintedToken>> overloaded(
      PresentedCaller caller, Supplier<Outcome<String>> token, Deadline deadline) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  private Optional<MintedToken> active(String presented, Deadline deadline) {
    return tokens.standing(presented, deadline) instanceof TokenStanding.Active(MintedToken token)
        ? Optional.of(token)
        : Optional.empty();
  }
}
