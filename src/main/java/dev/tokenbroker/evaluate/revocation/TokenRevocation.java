package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.TokenFacts;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens.RevocableToken;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.TokenType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;

/**
 * Revokes a token that this broker minted, or one of {@link UpstreamTokens} at its upstream (RFC
 * 7009 section 2). The caller is authenticated before the token is read, as in {@link
 * TokenIntrospection}.
 *
 * <p>A caller with the right may revoke any token of the broker. Any other caller may revoke only
 * the token with which it authenticates, which it also names as the token to revoke. Such
 * revocations take at most half of the room, see {@link Revocations#revokeOwn}. A revocation is
 * recorded before the response. If the record cannot be written, the token is revoked all the same,
 * but the caller gets a refusal and calls again.
 *
 * <p>The revocation of an upstream's token is kept like any other once the upstream has confirmed
 * it, so that no replica hands the token out again. If it cannot be kept, this replica alone does
 * not hand it out.
 */
@Singleton
public class TokenRevocation {

  private final CallerAccess access;
  private final MintedTokens tokens;
  private final UpstreamTokens upstreamTokens;
  private final Supplier<Optional<Federation>> federation;
  private final Revocations revocations;
  private final LifecycleObservers observers;
  private final InstantSource clock;

  @Inject
  TokenRevocation(
      CallerAccess access,
      MintedTokens tokens,
      UpstreamTokens upstreamTokens,
      Federations federations,
      Revocations revocations,
      LifecycleObservers observers,
      InstantSource clock) {
    this(access, tokens, upstreamTokens, federations::current, revocations, observers, clock);
  }

  TokenRevocation(
      CallerAccess access,
      MintedTokens tokens,
      UpstreamTokens upstreamTokens,
      Supplier<Optional<Federation>> federation,
      Revocations revocations,
      LifecycleObservers observers,
      InstantSource clock) {
    this.access = access;
    this.tokens = tokens;
    this.upstreamTokens = upstreamTokens;
    this.federation = federation;
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
   * @param hasRight whether the caller may revoke more than its own token
   */
  record Admitted(KnownCaller caller, boolean hasRight) {

    private static Admitted of(KnownCaller known) {
      MintedToken by = known.token();
      return new Admitted(known, by == null || by.gives(Right.REVOKE));
    }
  }

  /**
   * Revokes a token. Checks signatures and waits for disk, store and upstream, so it must not run
   * on an event loop.
   *
   * @param named as for {@link TokenIntrospection#introspect}
   * @return the result, or a refusal. After {@code TOKEN_NOT_REVOCABLE}, {@code TARGET_UNKNOWN},
   *     {@code REVOCATIONS_FULL}, {@code DEADLINE_EXCEEDED} or a refusal of the caller or the
   *     request, a token of ours is as valid as before. After {@code REVOCATION_NOT_STORED} the
   *     token may be revoked if replicas share a store, whose answer may be lost. After {@code
   *     BROKER_OVERLOADED} or {@code INTERNAL_ERROR} it may be revoked, because an observer may
   *     have failed after the revocation. A token of an upstream may be revoked after each refusal
   *     but the first two.
   */
  public Outcome<RevocationResult> revoke(
      PresentedCaller caller, Supplier<Outcome<NamedToken>> named, Deadline deadline) {
    Supplier<Outcome<KnownCaller>> known =
        access.admitted(caller, Right.REVOKE, held -> isNamed(named.get(), held), deadline);
    return bounded(
        caller,
        () ->
            holder(caller, named)
                .map(holder -> Outcome.accepted(new Admitted(holder, false)))
                .orElseGet(() -> known.get().map(Admitted::of)),
        named,
        deadline);
  }

  /** The holder of an upstream's token, which presents it as the holder of one of ours does. */
  private Optional<KnownCaller> holder(
      PresentedCaller caller, Supplier<Outcome<NamedToken>> named) {
    return PresentedToken.parse(caller.authorization())
        .filter(held -> held.type() == TokenType.BEARER && !caller.client().isProving())
        .flatMap(
            held ->
                upstreamTokens.find(held.value()).filter(_ -> isNamed(named.get(), held.value())))
        .map(token -> new KnownCaller(token.facts().subject(), null, null));
  }

  private static boolean isNamed(Outcome<NamedToken> token, String held) {
    return token instanceof Outcome.Accepted<NamedToken>(NamedToken named)
        && named.value().equals(held);
  }

  /** Revokes a token for an admitted caller; the container intercepts this call, too. */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  Outcome<RevocationResult> bounded(
      PresentedCaller caller,
      Supplier<Outcome<Admitted>> admitted,
      Supplier<Outcome<NamedToken>> named,
      Deadline deadline) {
    return observers.observed(
        Right.REVOKE,
        () ->
            admitted
                .get()
                .then(by -> named.get().then(token -> revoke(token, caller, by, deadline))),
        result -> result.name().toLowerCase(Locale.ROOT));
  }

  /** Refuses a call above the limit of concurrent calls. */
  Outcome<RevocationResult> overloaded(
      PresentedCaller caller,
      Supplier<Outcome<Admitted>> admitted,
      Supplier<Outcome<NamedToken>> named,
      Deadline deadline) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  private Outcome<RevocationResult> revoke(
      NamedToken named, PresentedCaller caller, Admitted by, Deadline deadline) {
    return switch (tokens.standing(named.value(), deadline)) {
      case TokenStanding.Active(MintedToken token) -> revoke(token, caller, by, deadline);
      case TokenStanding.NotYet(MintedToken token) -> revoke(token, caller, by, deadline);
      case TokenStanding.RevokedStanding(MintedToken token) -> revoke(token, caller, by, deadline);
      case TokenStanding.OtherKind _ ->
          Outcome.refused(Refusal.of(RefusalReason.TOKEN_NOT_REVOCABLE));
      case TokenStanding.UnknownStanding _ ->
          upstreamTokens
              .find(named.value())
              .map(token -> revoke(named, token, caller, by, deadline))
              .orElseGet(() -> unknown(named));
    };
  }

  private Outcome<RevocationResult> revoke(
      MintedToken token, PresentedCaller caller, Admitted by, Deadline deadline) {
    TokenFacts facts = token.facts();
    return recorded(facts, caller, by, kept(facts, by, deadline));
  }

  private Outcome<RevocationResult> revoke(
      NamedToken named,
      RevocableToken token,
      PresentedCaller caller,
      Admitted by,
      Deadline deadline) {
    TokenFacts facts = token.facts();
    Outcome<RevocationResult> result =
        recorded(
            facts,
            caller,
            by,
            token
                .upstream()
                .revoke(named.value(), deadline)
                .then(
                    _ -> {
                      upstreamTokens.end(token);
                      return kept(facts, by, deadline);
                    }));
    if (result instanceof Outcome.Accepted) {
      upstreamTokens.forget(named.value());
    }
    return result;
  }

  /**
   * The result for a token that is not known here. It may be valid if the caller says that an
   * upstream made it: then nobody must believe it revoked.
   */
  private Outcome<RevocationResult> unknown(NamedToken named) {
    String id = Sha256.name(named.value().getBytes(StandardCharsets.UTF_8));
    if (revocations.holds(IssuedToken.revocationId(id))) {
      return Outcome.accepted(RevocationResult.REPEATED);
    }
    if (named.audience().isEmpty()) {
      return Outcome.accepted(RevocationResult.UNKNOWN);
    }
    return federation.get().stream()
        .flatMap(current -> current.policy().targets().stream())
        .filter(target -> target.audience().equals(named.audience()))
        .findFirst()
        .map(
            target ->
                target.supply().fromUpstream().isEmpty()
                    ? Outcome.accepted(RevocationResult.UNKNOWN)
                    : Outcome.<RevocationResult>refused(
                        Refusal.of(RefusalReason.TOKEN_NOT_REVOCABLE)))
        .orElseGet(() -> Outcome.refused(Refusal.of(RefusalReason.TARGET_UNKNOWN)));
  }

  private Outcome<Revocation> kept(TokenFacts token, Admitted by, Deadline deadline) {
    String id = IssuedToken.revocationId(token.id());
    return by.hasRight()
        ? revocations.revoke(id, token.issueTime(), token.expireTime(), deadline)
        : revocations.revokeOwn(
            id, token.issueTime(), token.expireTime(), Holder.of(token.subject()), deadline);
  }

  private Outcome<RevocationResult> recorded(
      TokenFacts token, PresentedCaller caller, Admitted by, Outcome<Revocation> outcome) {
    RevocationRecord record =
        new RevocationRecord(clock.instant(), caller, by.caller(), token, outcome);
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

  /**
   * The token that a caller wants to revoke. It is a secret: {@link #toString} shows the audience
   * alone.
   *
   * @param value any text
   * @param audience the target that the token is for, as the caller says; empty if it does not say
   */
  public record NamedToken(String value, String audience) {

    @Override
    public String toString() {
      return "NamedToken[audience=" + audience + "]";
    }
  }
}
