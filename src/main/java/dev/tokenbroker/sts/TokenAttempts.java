package dev.tokenbroker.sts;

import dev.tokenbroker.outbound.Attempted;
import dev.tokenbroker.outbound.FormRequest;
import dev.tokenbroker.outbound.Peer;
import dev.tokenbroker.outbound.Posted;
import dev.tokenbroker.outbound.UpstreamClient;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.signing.IssuedToken;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one upstream: each makes its own request, sends it, and judges the response. Safe
 * for use by several threads.
 */
final class TokenAttempts {

  private final UpstreamDefinition upstream;
  private final UpstreamClient client;
  private final InstantSource clock;
  private final ClientProof proof;
  private final TokenAnswers answers;
  private final UpstreamNews news;
  private final Map<RefusalReason, LongAdder> failures = new EnumMap<>(RefusalReason.class);
  private volatile @Nullable RefusalReason lastFailure;
  private volatile @Nullable RefusalReason lastPause;

  /**
   * Reads the secret.
   *
   * @param maxTokenLifetime the longest accepted life of a token
   */
  TokenAttempts(
      UpstreamDefinition upstream,
      UpstreamClient client,
      Duration maxTokenLifetime,
      InstantSource clock,
      ChangeListener changes) {
    this.upstream = upstream;
    this.client = client;
    this.clock = clock;
    this.proof = ClientProof.of(upstream, clock, changes);
    this.answers = new TokenAnswers(upstream, maxTokenLifetime, clock);
    this.news = new UpstreamNews(upstream.name(), System::nanoTime, changes);
    UpstreamFailures.REASONS.forEach(reason -> failures.put(reason, new LongAdder()));
  }

  /**
   * The reason why no attempt can be made; empty if one can, and from then on.
   *
   * @return {@code UPSTREAM_CLIENT_REFUSED} if the broker's own secret cannot be read
   */
  Optional<Refusal> obstacle() {
    return proof.isReady()
        ? Optional.empty()
        : Optional.of(
            Refusal.of(RefusalReason.UPSTREAM_CLIENT_REFUSED)
                .expected("a readable file with the broker's secret for the upstream")
                .seen("none so far; the log names the problem"));
  }

  /**
   * Makes an attempt, for which there is no obstacle.
   *
   * @param limit when the attempt must have ended
   * @param deadline the caller's
   */
  Attempted<Outcome<IssuedToken>> make(
      TokenEndpoint endpoint, URI uri, Wanted wanted, Deadline limit, Deadline deadline) {
    Instant sent = clock.instant();
    Posted posted = client.post(request(uri, wanted), limit);
    if (suggestsMove(posted)) {
      endpoint.doubt();
    }
    Attempted<Outcome<IssuedToken>> judged = answers.judge(posted, uri, wanted, sent, deadline);
    Refusal failure = failure(judged);
    lastFailure = failure == null ? null : failure.reason();
    if (failure != null) {
      count(failure.reason());
    }
    news.attempted(failure == null ? clientRefused(judged) : failure);
    if (judged instanceof Attempted.AttemptFailed<Outcome<IssuedToken>> failed
        && failed.retryAfter() != null) {
      lastPause = lastFailure;
    }
    return judged;
  }

  /** How many attempts have failed for that reason. */
  long failures(RefusalReason reason) {
    LongAdder counter = failures.get(reason);
    return counter == null ? 0 : counter.sum();
  }

  /** Logs a change of the circuit. */
  void circuit(CircuitBreakerState state) {
    news.circuit(state);
  }

  /** Why the last attempt failed; null if the upstream responded, or was not called. */
  @Nullable RefusalReason lastFailure() {
    return lastFailure;
  }

  /** Why the upstream last asked for a pause; null if it never did. */
  @Nullable RefusalReason lastPause() {
    return lastPause;
  }

  /** Reads the file with the secret again, if there is one, and takes what has changed. */
  void reread() {
    proof.reread();
  }

  private FormRequest request(URI uri, Wanted wanted) {
    TokenForm form = TokenForm.of(upstream.grant(), wanted);
    proof.addTo(form, uri, wanted.credential());
    return form.to(uri, upstream.tls()).withPeer(Peer.upstream(upstream.name()));
  }

  private static boolean suggestsMove(Posted posted) {
    return !(posted instanceof Posted.Response response)
        || UpstreamError.suggestsMove(response.status());
  }

  private void count(RefusalReason reason) {
    LongAdder counter = failures.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  private static @Nullable Refusal failure(Attempted<Outcome<IssuedToken>> judged) {
    return judged instanceof Attempted.AttemptFailed<Outcome<IssuedToken>> failed
            && failed.value() instanceof Outcome.Refused<IssuedToken>(Refusal why)
        ? why
        : null;
  }

  /** The refusal of the broker itself, which concerns all exchanges at this upstream. */
  private static @Nullable Refusal clientRefused(Attempted<Outcome<IssuedToken>> judged) {
    return judged instanceof Attempted.Done<Outcome<IssuedToken>> done
            && done.value() instanceof Outcome.Refused<IssuedToken>(Refusal why)
            && why.reason() == RefusalReason.UPSTREAM_CLIENT_REFUSED
        ? why
        : null;
  }
}
