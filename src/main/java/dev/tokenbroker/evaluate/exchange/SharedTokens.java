package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.evaluate.exchange.admission.ServedTime;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Supply;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import dev.tokenbroker.peers.store.StoreSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The tokens of upstreams that replicas give each other: a second level behind {@link
 * IssuedTokens}. A replica asks it after its own verification and decision, in place of a call of
 * the upstream. Safe for use by any number of threads; each call may wait for the store.
 */
@Singleton
public final class SharedTokens {

  /*
   * The idea. The name of a token is the whole cache key, and its content is sealed with the
   * credential. So only a replica with the same request can find and read it. That replica has
   * verified the credential and decided by itself. TakeOver says whether it takes the token.
   *
   * Minted tokens are not shared: to mint one costs less than to ask the store for it.
   *
   * Not more than half of the calls that the store allows are made here. The others are left to
   * claims, which the broker must refuse if the store is not asked.
   */

  private static final Duration LONGEST_KEPT = Duration.ofDays(1);

  private final boolean enabled;
  private final SharedStore store;
  private final TakeOver takeOver;
  private final InstantSource clock;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder rejected = new LongAdder();

  @Inject
  SharedTokens(
      CacheSettings cache,
      StoreSettings settings,
      SharedStore store,
      Revocations revocations,
      UpstreamTokens upstreamTokens,
      InstantSource clock) {
    this(
        settings.shared() && cache.shared() && cache.enabled() && cache.maxWeight() > 0,
        store,
        upstreamTokens.revokedIn(revocations),
        clock);
  }

  /**
   * @param revoked whether the token of that {@code id} was revoked
   */
  SharedTokens(boolean enabled, SharedStore store, Predicate<String> revoked, InstantSource clock) {
    this.enabled = enabled;
    this.store = store;
    this.takeOver = new TakeOver(revoked, clock);
    this.clock = clock;
  }

  /** The tokens of a broker that shares nothing. */
  static SharedTokens none(InstantSource clock) {
    return new SharedTokens(false, new OneReplica(), _ -> false, clock);
  }

  /**
   * The counts since the start. Each look-up is one of them.
   *
   * @param hits tokens of other replicas that were handed out
   * @param misses look-ups that found nothing, or were not answered
   * @param rejected tokens of other replicas that this one does not hand out
   */
  public record Status(long hits, long misses, long rejected) {}

  public Status status() {
    return new Status(hits.sum(), misses.sum(), rejected.sum());
  }

  /** A token that another replica got for the same request, if this one may hand it out. */
  Optional<SharedToken> take(EvaluationContext run, Grant grant) {
    VerifiedIdentity identity = run.identity();
    if (!enabled || identity == null || identity.issuer().once()) {
      return Optional.empty();
    }
    Optional<byte[]> found = store.getSealed(StoreKind.TOKEN, run.key().name(), secret(run));
    if (found.isEmpty()) {
      misses.increment();
      return Optional.empty();
    }
    Optional<SharedToken> token = SharedToken.parse(found.get());
    Optional<String> obstacle =
        token
            .map(shared -> takeOver.obstacle(shared, run, identity, grant))
            .orElse(Optional.of("a form that is not known"));
    if (obstacle.isEmpty()) {
      hits.increment();
      run.takenOver();
      return token;
    }
    rejected.increment();
    run.trail()
        .note("A token of another replica was not taken, because of " + obstacle.get() + ".");
    return Optional.empty();
  }

  /**
   * Gives the token of an evaluation to the other replicas. If the upstream has withdrawn its grant
   * instead, the other replicas find no earlier token any more.
   */
  void offer(EvaluationContext run, EvaluationResult<IssuedToken> result) {
    Grant grant = result.grant();
    VerifiedIdentity identity = result.identity();
    if (!enabled
        || identity == null
        || identity.issuer().once()
        || grant == null
        || !(grant.supply() instanceof Supply.Upstreamed)
        || run.isTakenOver()) {
      return;
    }
    switch (result.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> put(run, identity, grant, token);
      case Outcome.Refused<IssuedToken>(Refusal why) -> {
        if (Upstream.isWithdrawal(why.reason())) {
          store.remove(StoreKind.TOKEN, run.key().name());
        }
      }
    }
  }

  private void put(
      EvaluationContext run, VerifiedIdentity identity, Grant grant, IssuedToken token) {
    Duration left =
        Duration.between(clock.instant(), ServedTime.of(token, identity.acceptedUntil()).until());
    byte[] content =
        new SharedToken(SharedTerms.of(run.request(), identity, grant), run.id(), token).json();
    if (left.isPositive() && content.length <= SharedStore.MAX_SEALED_BYTES) {
      store.putSealed(
          StoreKind.TOKEN,
          run.key().name(),
          secret(run),
          content,
          left.compareTo(LONGEST_KEPT) < 0 ? left : LONGEST_KEPT);
    }
  }

  private static byte[] secret(EvaluationContext run) {
    return run.request().credential().value().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The conditions on which a replica hands out the token of another one: it found the same ({@link
   * SharedTerms}), it knows no revocation, and its own cache would hand the token out.
   */
  static final class TakeOver {

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
      if (revoked.test(IssuedToken.revocationId(shared.token().id()))) {
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
}
