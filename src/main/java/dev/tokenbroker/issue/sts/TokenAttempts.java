package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.RefusalReason.Fault;
import dev.tokenbroker.base.text.StateLog;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.UpstreamProtocol.TokenRevoker;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.guard.PeerNews;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.http.Peer;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one upstream, made by its protocol: counts, the log, and what is kept of
 * failures. Safe for use by several threads.
 */
final class TokenAttempts {

  /** Refusals that concern the exchanges for all targets of the upstream. */
  private static final Set<RefusalReason> CONCERNS_ALL =
      Set.of(RefusalReason.UPSTREAM_CLIENT_REFUSED, RefusalReason.UPSTREAM_ADDRESS_REFUSED);

  private final UpstreamDefinition upstream;
  private final UpstreamProtocol protocol;
  private final InstantSource clock;
  private final PeerNews news;
  private final StateLog targets;
  private final Map<RefusalReason, LongAdder> failures = new ConcurrentHashMap<>();
  private volatile @Nullable PastFailure lastFailure;
  private volatile @Nullable PastFailure lastPause;

  TokenAttempts(
      UpstreamDefinition upstream,
      UpstreamProtocol protocol,
      Clocks clock,
      ChangeListener changes) {
    this.upstream = upstream;
    this.protocol = protocol;
    this.clock = clock;
    this.news = new PeerNews(Peer.upstream(upstream.name()), clock::nanoTime, changes);
    this.targets = new StateLog(TokenAttempts.class, StateLog.QUIET, clock::nanoTime);
  }

  /** The reason why no attempt can be made for that; empty if one can. */
  Optional<Refusal> obstacle(Wanted wanted) {
    return protocol.obstacle(wanted);
  }

  /**
   * Makes an attempt, for which there is no obstacle.
   *
   * @param limit when the attempt must have ended
   * @param deadline the caller's
   */
  Attempted<Outcome<IssuedToken>> make(URI uri, Wanted wanted, Deadline limit, Deadline deadline) {
    Attempted<Outcome<IssuedToken>> judged = protocol.ask(uri, wanted, limit, deadline);
    Refusal failure = failure(judged);
    lastFailure = failure == null ? null : new PastFailure(failure, clock.instant());
    if (failure != null) {
      failures.computeIfAbsent(failure.reason(), _ -> new LongAdder()).increment();
    }
    tell(judged, wanted.grant().audience());
    if (judged instanceof Attempted.AttemptFailed<Outcome<IssuedToken>> failed
        && failed.retryAfter() != null) {
      lastPause = lastFailure;
    }
    return judged;
  }

  /** Revokes tokens at the upstream; empty if it cannot revoke any. */
  Optional<TokenRevoker> revoker() {
    return protocol.revoker();
  }

  /** Whether a text begins as the tokens that the upstream issues do. */
  boolean mayHaveIssued(String text) {
    return protocol.mayHaveIssued(text);
  }

  /** Logs that the address of the token endpoint cannot be found. */
  void unlocated(Refusal why) {
    news.attempted(why);
  }

  /** How many attempts have failed for that reason. */
  long failures(RefusalReason reason) {
    return failures.getOrDefault(reason, new LongAdder()).sum();
  }

  /** Logs a change of the circuit. */
  void circuit(CircuitState state) {
    news.circuit(state);
  }

  /** The failure of the last attempt; null if the upstream responded, or was not called. */
  @Nullable PastFailure lastFailure() {
    return lastFailure;
  }

  /** The failure with which the upstream last asked for a pause; null if it never did. */
  @Nullable PastFailure lastPause() {
    return lastPause;
  }

  /** Reads the file with the secret again, if there is one, and takes what has changed. */
  void reread() {
    protocol.reread();
  }

  private static @Nullable Refusal failure(Attempted<Outcome<IssuedToken>> judged) {
    return judged instanceof Attempted.AttemptFailed<Outcome<IssuedToken>> failed
            && failed.value() instanceof Outcome.Refused<IssuedToken>(Refusal why)
        ? why
        : null;
  }

  /** Logs an end that a caller cannot change, and the success after it. */
  private void tell(Attempted<Outcome<IssuedToken>> judged, String target) {
    Refusal failure = failure(judged);
    if (failure != null) {
      news.attempted(failure);
      return;
    }
    if (!(judged
        instanceof
        Attempted.Done<Outcome<IssuedToken>>(Outcome.Refused<IssuedToken>(Refusal why)))) {
      news.attempted(null);
      targets.ends(
          target,
          () ->
              "Upstream " + upstream.name() + " issues tokens for the target " + target + " again");
    } else if (CONCERNS_ALL.contains(why.reason())) {
      news.attempted(why);
    } else {
      news.attempted(null);
      refused(target, why);
    }
  }

  /** Logs a refusal for one target, unless it is the caller who must change something. */
  private void refused(String target, Refusal why) {
    RefusalReason reason = why.reason();
    if (reason.fault() != Fault.CALLER) {
      targets.begins(
          target,
          reason,
          () ->
              "Upstream %s refuses the target %s: %s, %s"
                  .formatted(upstream.name(), target, reason, why.seen()));
    }
  }

  /**
   * A failed attempt at an upstream, kept for the calls that are refused because of it.
   *
   * @param at when it ended
   */
  record PastFailure(Refusal why, Instant at) {

    RefusalReason reason() {
      return why.reason();
    }

    /** The refusal with what the upstream did at that time as notes for operators. */
    Refusal tellIn(Refusal refusal) {
      return refusal
          .note(
              "The last failed attempt was at %s: %s."
                  .formatted(at.truncatedTo(ChronoUnit.SECONDS), why.seen()))
          .noted(why.notes());
    }
  }
}
