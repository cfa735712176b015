package dev.tokenbroker.judge.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.peers.guard.Guarded;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerGuard;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.FetchFlight;
import dev.tokenbroker.peers.http.FetchFlight.Awaited;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Asks the API server of one cluster whether it still accepts a credential: the pod and the service
 * account that it was issued for exist (TokenReview of {@code authentication.k8s.io/v1}).
 *
 * <p>Only an acceptance is remembered, for {@value #ACCEPTED_SECONDS} s and at most {@value
 * #MAX_ACCEPTED} of them; evaluations of the same credential share one call, and a {@link
 * PeerGuard} bounds the calls. Blocks; safe for use by any number of threads.
 */
final class ClusterReview implements CredentialReview {

  static final int ACCEPTED_SECONDS = 10;
  static final int MAX_ACCEPTED = 10_000;

  /** Longer than a caller waits. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private static final String EXPECTED = "an API server that still accepts the credential";

  private final BearerSource bearers;
  private final ReviewCalls calls;
  private final PeerGuard guard;
  private final Cache<String, String> accepted;
  private final ConcurrentMap<String, FetchFlight<Outcome<String>>> flights =
      new ConcurrentHashMap<>();

  /**
   * @param bearers gives the broker's own token, which is presented with each call
   * @param nanoTime as {@link System#nanoTime()}
   */
  ClusterReview(BearerSource bearers, ReviewCalls calls, PeerGuard guard, LongSupplier nanoTime) {
    this.bearers = bearers;
    this.calls = calls;
    this.guard = guard;
    this.accepted =
        Caffeine.newBuilder()
            .maximumSize(MAX_ACCEPTED)
            .expireAfterWrite(Duration.ofSeconds(ACCEPTED_SECONDS))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public Outcome<String> review(String credential, Set<String> audiences, Deadline deadline) {
    String id = id(credential, audiences);
    return remembered(id)
        .orElseGet(
            () ->
                deadline.hasPassed()
                    ? refused(deadline, "no call before the deadline")
                    : joined(join(id, credential, audiences), deadline));
  }

  private Optional<Outcome<String>> remembered(String id) {
    return Optional.ofNullable(accepted.getIfPresent(id))
        .map(said -> Outcome.accepted(said + ", at most " + ACCEPTED_SECONDS + " s ago"));
  }

  /** The key of a credential and of what is asked about it. It contains no part of either. */
  private static String id(String credential, Set<String> audiences) {
    String asked = credential + "\n" + String.join("\n", new TreeSet<>(audiences));
    return Sha256.base64Url(asked.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The call that is under way for that credential, or a new one. It has a thread and a time limit
   * of its own: a caller in a hurry must not make it fail, since failures open the circuit.
   */
  private FetchFlight<Outcome<String>> join(String id, String credential, Set<String> audiences) {
    FetchFlight<Outcome<String>> mine = new FetchFlight<>();
    FetchFlight<Outcome<String>> other = flights.putIfAbsent(id, mine);
    if (other != null) {
      return other;
    }
    try {
      Thread.ofVirtual()
          .name("review")
          .start(() -> fly(id, mine, () -> asked(id, credential, audiences)));
    } catch (RuntimeException | Error notBegun) {
      flights.remove(id, mine);
      throw notBegun;
    }
    return mine;
  }

  private void fly(String id, FetchFlight<Outcome<String>> mine, Supplier<Outcome<String>> call) {
    try {
      // Looks again: another flight may have landed since the first look.
      Outcome<String> result = remembered(id).orElseGet(call);
      flights.remove(id, mine);
      mine.land(result);
    } catch (RuntimeException | Error bug) {
      flights.remove(id, mine);
      mine.fail(bug);
    }
  }

  private static Outcome<String> joined(FetchFlight<Outcome<String>> flight, Deadline deadline) {
    return switch (flight.await(deadline)) {
      case Awaited.Ended<Outcome<String>>(Outcome<String> result) -> result;
      case Awaited.TooLate<Outcome<String>> _ -> refused(deadline, "a review that is under way");
      case Awaited.TooMany<Outcome<String>> _ ->
          Outcome.refused(
              unavailable("more than " + FetchFlight.MAX_WAITING + " who wait for this review"));
    };
  }

  private Outcome<String> asked(String id, String credential, Set<String> audiences) {
    Outcome<String> result = ask(id, credential, audiences, Deadline.limit(LONGEST));
    if (result instanceof Outcome.Accepted<String>(String said)) {
      accepted.put(id, said);
    }
    return result;
  }

  private Outcome<String> ask(String id, String credential, Set<String> audiences, Deadline limit) {
    // Before the guard: a missing token says nothing about the server.
    return switch (bearers.bearer(limit)) {
      case Outcome.Refused<Optional<BearerToken>>(Refusal why) ->
          Outcome.refused(why.expected(EXPECTED));
      case Outcome.Accepted<Optional<BearerToken>>(Optional<BearerToken> bearer) ->
          ended(
              guard.call(
                  id,
                  limit,
                  attempt -> calls.make(credential, audiences, bearer.orElseThrow(), attempt)),
              limit);
    };
  }

  private static Outcome<String> ended(Guarded<Outcome<String>> guarded, Deadline deadline) {
    return switch (guarded) {
      case Guarded.GuardAnswered<Outcome<String>>(Outcome<String> answer) -> answer;
      case Guarded.GuardedFailure<Outcome<String>>(Outcome<String> last, int _, Duration later) ->
          deadline.hasPassed()
              ? refused(deadline, "a review that was not over in time")
              : last.mapRefusal(why -> why.retryAfter(later));
      case Guarded.GuardRejected<Outcome<String>>(Rejection why, Duration later) ->
          why == Rejection.DEADLINE || deadline.hasPassed()
              ? refused(deadline, "no call before the deadline")
              : Outcome.refused(unavailable("no call: " + why).retryAfter(later));
    };
  }

  private static Outcome<String> refused(Deadline deadline, String seen) {
    RefusalReason reason = deadline.passed(RefusalReason.TOKEN_REVIEW_UNAVAILABLE);
    return Outcome.refused(Refusal.of(reason).expected(EXPECTED).seen(seen));
  }

  private static Refusal unavailable(String seen) {
    return Refusal.of(RefusalReason.TOKEN_REVIEW_UNAVAILABLE).expected(EXPECTED).seen(seen);
  }
}
