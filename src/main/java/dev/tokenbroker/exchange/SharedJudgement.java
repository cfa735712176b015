package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.CachedToken;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.Lookup;
import dev.tokenbroker.token.TokenCache;
import dev.tokenbroker.token.Upstream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The work of one flight: judges a request for all who wait for it, and keeps what comes of it. */
final class SharedJudgement implements Supplier<Judged<IssuedToken>> {

  private final Judgement judgement;
  private final Admitted.Permit permit;
  private final boolean refresh;
  private final TokenCache<CacheKey, Provenance> cache;
  private final InstantSource clock;
  private final Duration maxDuration;
  private final AtomicInteger sharers = new AtomicInteger();
  private volatile boolean landed;
  private boolean begun;
  private @Nullable Judged<IssuedToken> foundAtOnce;

  /**
   * @param refresh whether the token that is held is to be replaced, and nobody waits
   */
  SharedJudgement(
      Judgement judgement,
      Admitted.Permit permit,
      boolean refresh,
      TokenCache<CacheKey, Provenance> cache,
      InstantSource clock,
      Duration maxDuration) {
    this.judgement = judgement;
    this.permit = permit;
    this.refresh = refresh;
    this.cache = cache;
    this.clock = clock;
    this.maxDuration = maxDuration;
  }

  /** How many share it with the one that it is made for. */
  AtomicInteger sharers() {
    return sharers;
  }

  /**
   * Somebody waits for it.
   *
   * @return whether it may be waited for; not where it was given up, since nobody waited
   */
  boolean join(Waiting caller) {
    return judgement.callers().join(caller);
  }

  /** Somebody waits for it no longer. */
  void left(Waiting caller) {
    judgement.callers().leave(caller);
    giveUpWhereUntaken();
  }

  /** It has brought what it brings to those who wait. */
  void landed() {
    landed = true;
    giveUpWhereUntaken();
  }

  /** Seen by the landing or by the last to leave, whichever comes later. */
  private void giveUpWhereUntaken() {
    if (landed) {
      judgement.callers().giveUpUntaken();
    }
  }

  /** What is known up to now, for one who stops waiting. */
  Trail soFar() {
    return judgement.trail().soFar();
  }

  /**
   * What one of those who wait is given of the result: the same for all, but for a token that is
   * for one only, who is there to take it, and for why it was given up. Asked for once by each.
   */
  Judged<IssuedToken> share(Judged<IssuedToken> result, Waiting caller) {
    if (neededTime(result)) { // given up: all who waited had gone away, or their time was over
      return caller.gaveUp(result);
    }
    if (!OnceOnly.isForOne(result)) {
      return result;
    }
    if (caller.hasGone()) {
      landed = true; // it has, though callers may be told before that is said
      left(caller);
      return OnceOnly.forOneWhoHasGone(result);
    }
    return judgement.callers().take() ? result : OnceOnly.forAnother(result);
  }

  /**
   * Judges as far as that needs no waiting: on the thread of the caller, with a permit for that.
   *
   * @return whether {@link #get} has the result at hand; else it judges anew, where it may wait
   */
  boolean atOnce() {
    Judged<IssuedToken> found = judged(Deadline.atOnce());
    if (!neededTime(found) || judgement.callers().giveUp()) {
      foundAtOnce = found;
      return true;
    }
    judgement.startOver();
    return false;
  }

  /** May wait, but not where everything was found out at once. */
  @Override
  public Judged<IssuedToken> get() {
    try (permit) {
      return foundAtOnce == null ? judged(Deadline.limit(maxDuration)) : foundAtOnce;
    }
  }

  private Judged<IssuedToken> judged(Deadline deadline) {
    if (!begun) {
      begun = true;
      if (permit.begin() instanceof Admitted.Refused(Refusal refusal)) {
        return judgement.refused(refusal);
      }
    }
    Judged<IssuedToken> held = refresh ? null : held();
    return held == null ? judge(deadline) : held;
  }

  private static boolean neededTime(Judged<IssuedToken> judged) {
    return judged.outcome() instanceof Outcome.Refused<IssuedToken>(Refusal refusal)
        && refusal.reason() == RefusalReason.DEADLINE_EXCEEDED;
  }

  /** What another flight has left since the caller looked. */
  private @Nullable Judged<IssuedToken> held() {
    return switch (cache.peek(judgement.key(), clock.instant(), Provenance::stands)) {
      case Lookup.Hit<Provenance>(CachedToken<Provenance> found, boolean _) ->
          found.origin().givenAgain(found.token());
      case Lookup.Refused<Provenance>(Refusal refusal, Provenance origin) ->
          origin.refusedAgain(refusal);
      case Lookup.Miss<Provenance> _ -> null;
    };
  }

  private Judged<IssuedToken> judge(Deadline deadline) {
    if (judgement.callers().giveUp()) {
      return judgement.refused(
          Refusal.of(RefusalReason.DEADLINE_EXCEEDED)
              .expected("somebody who still waits for the answer")
              .seen("nobody, before anything was done"));
    }
    return kept(judgement.issued(deadline));
  }

  /** What trouble in a refresh tells is no reason to drop the token that is held. */
  private boolean isKept(RefusalReason reason) {
    return refresh ? Upstream.isWithdrawal(reason) : Upstream.isDefinite(reason);
  }

  /** Keeps what comes of it for those who ask next; and how it is told to those who wait. */
  private Judged<IssuedToken> kept(Judged<IssuedToken> judged) {
    VerifiedIdentity identity = judged.identity();
    Grant grant = judged.grant();
    if (identity == null || grant == null) {
      return judged;
    }
    Provenance provenance = Provenance.of(identity, grant, judgement.id());
    Instant now = clock.instant();
    switch (judged.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> {
        if (OnceOnly.isForOne(judged)) {
          return judged;
        }
        if (judgement.federation().canRepeat(grant.supply())) {
          cache.store(judgement.key(), token, identity.acceptedUntil(), provenance, now);
        } else {
          cache.storeLast(judgement.key(), token, identity.acceptedUntil(), provenance, now);
        }
      }
      case Outcome.Refused<IssuedToken>(Refusal refusal) -> {
        if (isKept(refusal.reason())) {
          return judged.refused(cache.storeRefusal(judgement.key(), refusal, provenance, now));
        }
      }
    }
    return judged;
  }
}
