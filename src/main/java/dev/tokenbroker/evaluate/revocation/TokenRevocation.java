package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;

/**
 * Revokes a token that this broker minted (RFC 7009 section 2). The caller is authenticated before
 * the token is read, as in {@link TokenIntrospection}.
 *
 * <p>A caller with the right may revoke any token of the broker. Any other caller may revoke only
 * the token with which it authenticates, which it also names as the token to revoke. Such
 * revocations take at most half of the room, see {@link Revocations#revokeOwn}. A revocation is
 * recorded before the response. If the record cannot be written, the token is revoked all the same,
 * but the caller gets a refusal and calls again.
 */
@Singleton
public class TokenRevocation {

  private final CallerAccess access;
  private final MintedTokens tokens;
  private final Revocations revocations;
  private final LifecycleObservers observers;
  private final InstantSource clock;

  TokenRevocation(
      CallerAccess access,
      MintedTokens tokens,
      Revocations revocations,
      LifecycleObservers observers,
      InstantSource clock) {
    this.access = access;
    this.tokens = tokens;
    this.revocations = revocations;
    this.observers = observers;
    this.clock = clock;
  }

  /** The result of a call. After each result the token is not active at this replica. */
  public enum RevocationResult {
    /** The token was active, or would have become active, and is now revoked. */
    REVOKED,
    /** The token was revoked before. */
    REPEATED,
    /** The token is unknown to this broker: minted elsewhere, expired, or no token. */
    UNKNOWN
  }

  /**
   * Revokes a token. Checks signatures and waits for disk and store, so it must not run on an event
   * loop.
   *
   * @param token as for {@link TokenIntrospection#introspect}
   * @return the result, or a refusal. After {@code TOKEN_NOT_REVOCABLE}, {@code REVOCATIONS_FULL},
   *     {@code DEADLINE_EXCEEDED} or a refusal of the caller or the request, the token is as valid
   *     as before. After {@code REVOCATION_NOT_STORED} the token may be revoked if replicas share a
   *     store, whose answer may be lost. After {@code BROKER_OVERLOADED} or {@code INTERNAL_ERROR}
   *     it may be revoked, because an observer may have failed after the revocation.
   */
  public Outcome<RevocationResult> revoke(
      PresentedCaller caller, Supplier<Outcome<String>> token, Deadline deadline) {
    Supplier<Outcome<KnownCaller>> admitted =
        access.admitted(caller, Right.REVOKE, held -> isNamed(token.get(), held), deadline);
    return bounded(caller, admitted, token, deadline);
  }

  private static boolean isNamed(Outcome<String> token, String held) {
    return token instanceof Outcome.Accepted<String>(String named) && named.equals(held);
  }

  /** Revokes a token for an admitted caller; the container intercepts this call, too. */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<RevocationResult> bounded(
      PresentedCaller caller,
      Supplier<Outcome<KnownCaller>> admitted,
      Supplier<Outcome<String>> token,
      Deadline deadline) {
    return observers.observed(
        Right.REVOKE,
        () ->
            admitted
                .get()
                .then(
                    known ->
                        token.get().then(presented -> revoke(presented, caller, known, deadline))),
        result -> result.name().toLowerCase(Locale.ROOT));
  }

  /** Refuses a call above the limit of concurrent calls. */
  Outcome<RevocationResult> overloaded(
      PresentedCaller caller,
      Supplier<Outcome<KnownCaller>> admitted,
      Supplier<Outcome<String>> token,
      Deadline deadline) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  private Outcome<RevocationResult> revoke(
      String presented, PresentedCaller caller, KnownCaller known, Deadline deadline) {
    return switch (tokens.standing(presented, deadline)) {
      case TokenStanding.Active(MintedToken token) -> revoke(token, caller, known, deadline);
      case TokenStanding.NotYet(MintedToken token) -> revoke(token, caller, known, deadline);
      case TokenStanding.RevokedStanding(MintedToken token) ->
          revoke(token, caller, known, deadline);
      case TokenStanding.OtherKind _ ->
          Outcome.refused(Refusal.of(RefusalReason.TOKEN_NOT_REVOCABLE));
      case TokenStanding.UnknownStanding _ -> Outcome.accepted(RevocationResult.UNKNOWN);
    };
  }

  private Outcome<RevocationResult> revoke(
      MintedToken token, PresentedCaller caller, KnownCaller known, Deadline deadline) {
    MintedToken by = known.token();
    Outcome<Revocation> outcome =
        by == null || by.gives(Right.REVOKE)
            ? revocations.revoke(token.id(), token.issueTime(), token.expireTime(), deadline)
            : revocations.revokeOwn(token.id(), token.issueTime(), token.expireTime(), deadline);
    RevocationRecord record = new RevocationRecord(clock.instant(), caller, known, token, outcome);
    return observers
        .unrecorded(record)
        .<Outcome<RevocationResult>>map(why -> Outcome.refused(Refusal.of(why)))
        .orElseGet(
            () ->
                outcome.map(
                    revocation ->
                        switch (revocation) {
                          case REVOKED -> RevocationResult.REVOKED;
                          case REPEATED -> RevocationResult.REPEATED;
                        }));
  }
}
