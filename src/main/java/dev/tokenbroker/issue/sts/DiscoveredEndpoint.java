package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.credential.NearMiss;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.FetchFlight;
import dev.tokenbroker.peers.http.FetchFlight.Awaited;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A token endpoint that the issuer's discovery document names (RFC 8414 section 2, OpenID Connect
 * Discovery section 4). The broker looks it up at the first exchange, again once an hour, and when
 * it seems to have moved.
 *
 * <p>There is one fetch at a time. Callers wait for it until their own deadlines, as many as {@link
 * FetchFlight} lets. The next fetch begins at least {@link #COOL_DOWN} after the end of a failed
 * one, so no fetch follows a hanging one at once. In any window W there are at most 1 + W / {@link
 * #COOL_DOWN} fetches, and the probes. Once an address is known, no caller waits: it is looked up
 * in the background, and a failure leaves it as it is. A probe fetches beside all this: nobody
 * waits for it, and its failure changes nothing.
 *
 * <p>The lock guards the beginning and the end of a fetch, and is not kept while fetching.
 */
final class DiscoveredEndpoint implements TokenEndpoint {

  static final Duration COOL_DOWN = Duration.ofSeconds(5);
  static final Duration TTL = Duration.ofHours(1);

  /** How long a doubted address is used before the document is fetched again. */
  static final Duration RECHECK = Duration.ofSeconds(30);

  private static final Outcome<URI> BROKEN =
      Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_UNREACHABLE).seen("the broker failed in fetching"));

  /** Not shorter than the client's own limit. */
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(1);

  private final UpstreamDefinition upstream;
  private final String issuer;
  private final PeerRequest document;
  private final PeerClient client;
  private final LongSupplier nanoTime;
  private final Executor threads;
  private final ChangeListener changes;
  private volatile @Nullable URI known;
  private volatile boolean doubted;
  private volatile long beganNanos;
  private long failedNanos;
  private long foundNanos;
  private @Nullable FetchFlight<Outcome<URI>> flight;
  private @Nullable Refusal lastFailure;

  /**
   * The endpoint of an upstream whose issuer is not null.
   *
   * @param threads runs a fetch; if it rejects the fetch, or has no thread left, the fetch fails
   * @param changes hears of another address than before; must return at once
   */
  DiscoveredEndpoint(
      UpstreamDefinition upstream,
      PeerClient client,
      LongSupplier nanoTime,
      Executor threads,
      ChangeListener changes) {
    this.upstream = upstream;
    this.issuer = Objects.requireNonNull(upstream.issuer());
    this.document =
        PeerRequest.document(DiscoveryDocument.location(issuer), upstream.tls())
            .withPeer(Peer.upstream(upstream.name()));
    this.client = client;
    this.nanoTime = nanoTime;
    this.threads = threads;
    this.changes = changes;
  }

  @Override
  public Outcome<URI> locate(Deadline deadline) {
    URI uri = known;
    if (uri == null) {
      return await(join(COOL_DOWN), deadline);
    }
    Duration interval = doubted ? RECHECK : TTL;
    if (nanoTime.getAsLong() - beganNanos >= interval.toNanos()) {
      join(interval);
    }
    return Outcome.accepted(uri);
  }

  @Override
  public void doubt() {
    doubted = true;
  }

  /** Looks the address up for a probe; returns why that failed, empty if it did not. */
  Optional<Refusal> probe() {
    long now = nanoTime.getAsLong();
    return switch (discover(document.probing())) {
      case Accepted<URI>(URI uri) -> {
        probed(uri, now);
        yield Optional.empty();
      }
      case Refused<URI>(Refusal why) -> Optional.of(why);
    };
  }

  private synchronized void probed(URI uri, long startedNanos) {
    // A fetch that began later knows better.
    if (known == null || beganNanos - startedNanos <= 0) {
      beganNanos = startedNanos;
      take(uri);
    }
  }

  /** The fetch under way or a new one; or the last result, while it is too soon for another. */
  private synchronized FetchFlight<Outcome<URI>> join(Duration interval) {
    if (flight != null) {
      return flight;
    }
    long now = nanoTime.getAsLong();
    if (lastFailure != null && now - failedNanos < COOL_DOWN.toNanos()) {
      return FetchFlight.landed(Outcome.refused(later(lastFailure, now)));
    }
    URI uri = known;
    if (uri != null && now - beganNanos < interval.toNanos()) {
      return FetchFlight.landed(Outcome.accepted(uri));
    }
    FetchFlight<Outcome<URI>> begun = new FetchFlight<>();
    flight = begun;
    beganNanos = now;
    try {
      threads.execute(() -> fly(begun));
    } catch (RuntimeException | Error notBegun) {
      // A fetch that never began would not land by its end.
      land(begun, BROKEN);
    }
    return begun;
  }

  private void fly(FetchFlight<Outcome<URI>> mine) {
    Outcome<URI> found = BROKEN;
    try {
      found = discover(document);
    } finally {
      land(mine, found);
    }
  }

  // Memory may be short, and none is needed to release the waiting callers.
  private void land(FetchFlight<Outcome<URI>> ended, Outcome<URI> found) {
    Outcome<URI> told = found;
    try {
      told = noted(found);
    } finally {
      ended.land(told);
    }
  }

  /** Records how the fetch under way has ended; returns the result for waiting callers. */
  private synchronized Outcome<URI> noted(Outcome<URI> found) {
    flight = null;
    return switch (found) {
      case Accepted<URI>(URI uri) -> {
        take(uri);
        yield found;
      }
      case Refused<URI>(Refusal why) -> {
        lastFailure = why;
        failedNanos = nanoTime.getAsLong();
        yield Outcome.refused(later(why, failedNanos));
      }
    };
  }

  /** For the thread with the lock. */
  private void take(URI uri) {
    URI before = known;
    known = uri;
    doubted = false;
    lastFailure = null;
    long now = nanoTime.getAsLong();
    if (before != null && !before.equals(uri)) {
      changes.changed(
          Change.ofUpstream(
                  ChangeKind.ENDPOINT_MOVED, upstream.name(), before.toString(), uri.toString())
              .since(Duration.ofNanos(now - foundNanos)));
    }
    foundNanos = now;
  }

  private Outcome<URI> discover(PeerRequest request) {
    CallEnd fetched = client.get(request, Deadline.after(FETCH_LIMIT));
    Outcome<URI> found =
        switch (fetched) {
          case CallEnd.Response answer -> upstream.endpointIn(answer.body());
          case CallFailed why ->
              Outcome.refused(Refusal.of(UpstreamFailures.reason(why.kind())).seen(why.detail()));
        };
    return found.mapRefusal(
        why -> named(why, request.uri()).noted(AnswerText.notes("The server at", fetched.words())));
  }

  /** Maps the reasons for refused keys to those for upstreams. */
  private Refusal named(Refusal why, URI location) {
    if (why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH) {
      return mismatch(why.seen(), location);
    }
    Refusal told =
        why.reason() == RefusalReason.KEYS_INVALID
            ? Refusal.of(RefusalReason.UPSTREAM_ANSWER_MALFORMED)
                .expected(why.expected())
                .seen(why.seen())
            : why;
    return (told.expected().isEmpty()
            ? told.expected("the discovery document at " + location)
            : told)
        .note("The discovery document is at " + location + ".");
  }

  /** Callers see the difference, operators also the issuer that the document names. */
  private Refusal mismatch(String named, URI location) {
    return Refusal.of(RefusalReason.UPSTREAM_ISSUER_MISMATCH)
        .expected(issuer)
        .seen(
            NearMiss.between(named, issuer)
                .map(difference -> "an issuer that " + difference)
                .orElse("another issuer"))
        .note("The discovery document at " + location + " names the issuer " + named + ".");
  }

  /** Spread, since all callers would otherwise return at the same moment. */
  private Refusal later(Refusal why, long now) {
    if (why.reason().retry() != RefusalReason.Retry.LATER) {
      return why;
    }
    long left = Math.max(0, COOL_DOWN.toNanos() - (now - failedNanos));
    long spread = ThreadLocalRandom.current().nextLong(COOL_DOWN.toNanos() / 2) + 1_000_000;
    return why.retryAfter(Duration.ofNanos(left + spread));
  }

  private static Outcome<URI> await(FetchFlight<Outcome<URI>> found, Deadline deadline) {
    return switch (found.await(deadline)) {
      case Awaited.Ended<Outcome<URI>>(Outcome<URI> end) -> end;
      case Awaited.TooLate<Outcome<URI>> _ ->
          Outcome.refused(
              Refusal.of(deadline.passed(RefusalReason.UPSTREAM_TIMED_OUT))
                  .expected("the upstream's discovery document before the deadline")
                  .seen("a fetch that is still under way"));
      case Awaited.TooMany<Outcome<URI>> _ -> Outcome.refused(tooMany());
    };
  }

  private static Refusal tooMany() {
    long jitter = ThreadLocalRandom.current().nextLong(COOL_DOWN.toNanos());
    return Refusal.of(RefusalReason.UPSTREAM_UNREACHABLE)
        .expected(
            "fewer than "
                + FetchFlight.MAX_WAITING
                + " who wait for the upstream's discovery document")
        .seen("a fetch that is still under way")
        .retryAfter(Duration.ofMillis(1).plusNanos(jitter));
  }
}
