package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.ProbeTurn;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Probes one upstream that no caller needs, to see changes before one does: it fetches the
 * discovery document, or connects to a declared token endpoint. It sends no token request.
 *
 * <p>A probe passes neither the guard nor the circuit. A failure changes nothing for callers. One
 * line in the log says that probes begin to fail, and one that they cease. Safe for use by several
 * threads.
 */
final class UpstreamProbe {

  /** Not shorter than the client's own limit. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final Logger LOG = Logger.getLogger(UpstreamProbe.class);

  private final UpstreamDefinition upstream;
  private final TokenEndpoint endpoint;
  private final PeerClient client;
  private final ProbeTurn turn;
  private final LongAdder made = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private boolean failing; // guarded by this

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  UpstreamProbe(
      UpstreamDefinition upstream,
      TokenEndpoint endpoint,
      PeerClient client,
      LongSupplier nanoTime) {
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.client = client;
    this.turn = new ProbeTurn(nanoTime);
  }

  /** Takes note of an attempt of a caller, so that no probe is needed for a while. */
  void attempted() {
    turn.active();
  }

  /** The probe, if there was neither an attempt nor a probe for that time; it blocks. */
  Optional<Runnable> due(Duration every) {
    return turn.take(every) ? Optional.of(this::run) : Optional.empty();
  }

  /** Probes that were made. */
  long made() {
    return made.sum();
  }

  /** Probes that failed. */
  long failed() {
    return failed.sum();
  }

  private void run() {
    made.increment();
    Optional<Refusal> failure =
        switch (endpoint) {
          case DiscoveredEndpoint discovered -> discovered.probe();
          case TokenEndpoint.Declared(URI uri) -> connect(uri);
        };
    if (failure.isPresent()) {
      failed.increment();
    }
    tell(failure);
  }

  private Optional<Refusal> connect(URI uri) {
    Optional<CallFailed> failure =
        client.connect(uri, upstream.tls(), Peer.upstream(upstream.name()), Deadline.after(LIMIT));
    return failure.map(why -> Refusal.of(UpstreamFailures.reason(why.kind())).seen(why.detail()));
  }

  private synchronized void tell(Optional<Refusal> failure) {
    if (failing == failure.isPresent()) {
      return;
    }
    failing = failure.isPresent();
    String name = upstream.name();
    failure.ifPresentOrElse(
        why ->
            LOG.warn("Probes of upstream " + name + " fail: " + why.reason() + ", " + why.seen()),
        () -> LOG.info("Probes of upstream " + name + " work again"));
  }
}
