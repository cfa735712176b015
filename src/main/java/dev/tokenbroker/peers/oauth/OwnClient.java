package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.guard.Guarded;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.FetchFlight;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The broker's own token of one client: held, renewed ahead of its end, and kept for as long as it
 * is good if the provider gives no other.
 *
 * <p>One request is under way at a time, on a thread of its own. A caller waits for it only while
 * there is no good token, and no longer than its deadline. Safe for use by several threads.
 */
public final class OwnClient {

  /** The reasons why there is no token. */
  public static final Set<RefusalReason> REASONS =
      Set.of(
          RefusalReason.OWN_TOKEN_REFUSED,
          RefusalReason.OWN_TOKEN_UNREACHABLE,
          RefusalReason.OWN_TOKEN_TIMED_OUT,
          RefusalReason.OWN_TOKEN_MALFORMED);

  private static final Duration SOON = Duration.ofSeconds(1);

  private final Provider provider;
  private final TokenRequests requests;
  private final ProviderGuard guard;
  private final InstantSource clock;
  private volatile @Nullable OwnToken held;
  private volatile Instant quietUntil = Instant.MIN;
  private @Nullable FetchFlight<Outcome<OwnToken>> flight;

  OwnClient(Provider provider, TokenRequests requests, ProviderGuard guard, InstantSource clock) {
    this.provider = provider;
    this.requests = requests;
    this.guard = guard;
    this.clock = clock;
  }

  /** The name of the client in the settings. */
  public String name() {
    return provider.name();
  }

  /** The state of the guard of its provider. */
  public PeerStatus status() {
    return guard.status();
  }

  /** How many requests have failed for that reason. */
  public long failures(RefusalReason reason) {
    return guard.failures(reason);
  }

  /** How long the held token is still valid; zero if it has expired or none is held. */
  public Duration remainingLife() {
    OwnToken last = held;
    Duration left = last == null ? Duration.ZERO : Duration.between(clock.instant(), last.end());
    return left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * A token that is good now.
   *
   * @return the token; or one of {@link #REASONS}, or {@code DEADLINE_EXCEEDED}
   */
  public Outcome<BearerToken> token(Deadline deadline) {
    Instant now = clock.instant();
    OwnToken last = held;
    if (last == null || !last.isGoodAt(now)) {
      Outcome<OwnToken> outcome = await(join(), deadline);
      // A request from before the end of the held token may have kept that token; a new one cannot.
      boolean ended =
          outcome instanceof Outcome.Accepted<OwnToken>(OwnToken token) && token.equals(last);
      return (ended ? await(join(), deadline) : outcome).map(OwnToken::bearer);
    }
    if (!last.isFreshAt(now) && !now.isBefore(quietUntil)) {
      join();
    }
    return Outcome.accepted(last.bearer());
  }

  private Outcome<OwnToken> await(FetchFlight<Outcome<OwnToken>> next, Deadline deadline) {
    return switch (next.await(deadline)) {
      case FetchFlight.Awaited.Ended<Outcome<OwnToken>>(Outcome<OwnToken> outcome) -> outcome;
      case FetchFlight.Awaited.TooLate<Outcome<OwnToken>> _ ->
          refused(
              Refusal.of(deadline.passed(RefusalReason.OWN_TOKEN_TIMED_OUT))
                  .seen("a request that is still under way"),
              SOON);
      case FetchFlight.Awaited.TooMany<Outcome<OwnToken>> _ ->
          refused(
              Refusal.of(RefusalReason.OWN_TOKEN_TIMED_OUT)
                  .seen("as many callers as allowed wait for one request"),
              SOON);
    };
  }

  /** The request that is under way, or a new one. */
  private synchronized FetchFlight<Outcome<OwnToken>> join() {
    FetchFlight<Outcome<OwnToken>> joined = flight;
    if (joined == null) {
      FetchFlight<Outcome<OwnToken>> begun = new FetchFlight<>();
      flight = begun;
      try {
        Thread.ofVirtual().name("own-token").start(() -> fly(begun));
      } catch (RuntimeException | Error notBegun) {
        flight = null;
        throw notBegun;
      }
      return begun;
    }
    return joined;
  }

  private void fly(FetchFlight<Outcome<OwnToken>> begun) {
    try {
      OwnToken last = held;
      // A caller that looked before the last flight landed, and joined after it, needs no other.
      Outcome<OwnToken> outcome =
          last != null && last.isFreshAt(clock.instant())
              ? Outcome.accepted(last)
              : settle(guard.call(() -> requests.request(provider)));
      landed();
      begun.land(outcome);
    } catch (RuntimeException | Error bug) {
      landed();
      begun.fail(bug);
    }
  }

  private synchronized void landed() {
    flight = null;
  }

  /** Takes the end of a request, or of one that the guard did not let through. */
  private Outcome<OwnToken> settle(Guarded<Obtained> ended) {
    return switch (ended) {
      case Guarded.GuardAnswered<Obtained>(Obtained answer) -> take(answer, Duration.ZERO);
      case Guarded.GuardedFailure<Obtained>(Obtained last, int _, Duration wait) ->
          take(last, wait);
      case Guarded.GuardRejected<Obtained>(Rejection why, Duration wait) ->
          keep(guard.rejected(why), wait);
    };
  }

  private Outcome<OwnToken> take(Obtained obtained, Duration wait) {
    return switch (obtained) {
      case Obtained.Fresh(OwnToken token) -> {
        quietUntil = clock.instant().plus(wait);
        held = token;
        yield Outcome.accepted(token);
      }
      case Obtained.Nothing(NoOwnToken why) -> keep(why.refusal(), wait);
    };
  }

  /** The held token while it is good; otherwise the refusal. */
  private Outcome<OwnToken> keep(Refusal why, Duration wait) {
    Instant now = clock.instant();
    quietUntil = now.plus(wait);
    OwnToken last = held;
    return last != null && last.isGoodAt(now) ? Outcome.accepted(last) : refused(why, wait);
  }

  private Outcome<OwnToken> refused(Refusal why, Duration wait) {
    Refusal told =
        why.expected().isEmpty() ? why.expected("an own token of client " + name()) : why;
    told = told.note("The broker has the own token by quarkus.oidc-client." + name() + ".");
    return Outcome.refused(
        told.reason().retry() == RefusalReason.Retry.LATER ? told.retryAfter(wait) : told);
  }

  /** The end of one request for an own token. */
  sealed interface Obtained {

    /** The provider issued a token. */
    record Fresh(OwnToken token) implements Obtained {}

    /** The provider issued none. */
    record Nothing(NoOwnToken why) implements Obtained {}
  }
}
