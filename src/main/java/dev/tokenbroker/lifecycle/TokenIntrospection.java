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
 * Tells whether a token that this broker minted is active (RFC 7662 section 2). Who may not ask is
 * sent away before anything is done with the token, so that neither the answer nor the time that it
 * takes can depend on it.
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
   * Asks about a token. Checks signatures: not for an event loop.
   *
   * @param token reads the token out of the request, once the caller is known; refuses with {@code
   *     REQUEST_INVALID} where there is none
   * @return the token where it is active, and nothing where it is not, whatever else it is
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

  /** The answer where as many are under way as there may be. */
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
