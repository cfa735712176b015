package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.guard.Guarded;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerGuard;
import dev.tokenbroker.peers.guard.PeerNews;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.oauth.OwnClient.Obtained;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the requests to the provider of one client; counts and reports its failures. A request
 * that brings no token counts as a failure, whatever the provider answered: one that refuses the
 * broker is asked as seldom as one that is down. Safe for use by several threads.
 */
final class ProviderGuard {

  /** Longer than {@link TokenRequests} lets a request take. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final String client;
  private final PeerGuard guard;
  private final PeerNews news;
  private final Map<RefusalReason, LongAdder> failures = new ConcurrentHashMap<>();
  private volatile @Nullable Refusal lastFailure;

  ProviderGuard(String client, PeerGuard guard, PeerNews news) {
    this.client = client;
    this.guard = guard;
    this.news = news;
  }

  /** Makes the request, if the guard lets it through. */
  Guarded<Obtained> call(Supplier<Obtained> request) {
    Guarded<Obtained> ended = guard.call(client, Deadline.limit(LIMIT), _ -> judged(request.get()));
    news.circuit(guard.status().circuit());
    return ended;
  }

  /** The refusal of a request that the guard did not let through. */
  Refusal rejected(Rejection why) {
    Refusal last = lastFailure;
    return last == null
        ? Refusal.of(RefusalReason.OWN_TOKEN_UNREACHABLE).seen("not asked: " + why)
        : Refusal.of(last.reason())
            .seen("not asked again yet; last it was " + last.seen())
            .noted(last.notes());
  }

  long failures(RefusalReason reason) {
    return failures.getOrDefault(reason, new LongAdder()).sum();
  }

  PeerStatus status() {
    return guard.status();
  }

  private Attempted<Obtained> judged(Obtained obtained) {
    return switch (obtained) {
      case Obtained.Fresh fresh -> {
        lastFailure = null;
        news.attempted(null);
        yield new Attempted.Done<>(fresh);
      }
      case Obtained.Nothing nothing -> {
        Refusal refusal = nothing.why().refusal();
        lastFailure = refusal;
        failures.computeIfAbsent(refusal.reason(), _ -> new LongAdder()).increment();
        news.attempted(refusal);
        yield new Attempted.AttemptFailed<>(nothing, false, nothing.why().retryAfter());
      }
    };
  }
}
