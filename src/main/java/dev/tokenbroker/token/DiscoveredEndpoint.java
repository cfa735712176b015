package dev.tokenbroker.token;

import dev.tokenbroker.issuer.DiscoveryDocument;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Outcome.Accepted;
import dev.tokenbroker.outcome.Outcome.Refused;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.upstream.FetchRequest;
import dev.tokenbroker.upstream.Fetched;
import dev.tokenbroker.upstream.UpstreamClient;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A token endpoint that the issuer's discovery document names (RFC 8414 section 2, OpenID Connect
 * Discovery section 4): found out at the first exchange, looked up again once an hour and where it
 * seems to have moved.
 *
 * <p>There is one fetch at a time, which all callers wait for, each until its own deadline; and
 * from the beginning of one to that of the next it is {@link #COOL_DOWN} at least, whoever asks. So
 * in any window W there are at most 1 + W / {@link #COOL_DOWN} fetches. Once an address is known
 * nobody waits any more: it is looked up in the background, and a failure leaves it as it is.
 *
 * <p>The lock guards the beginning and the end of a fetch, and is not held while fetching.
 */
final class DiscoveredEndpoint implements TokenEndpoint {

  static final Duration COOL_DOWN = Duration.ofSeconds(5);
  static final Duration TTL = Duration.ofHours(1);

  /** How long an address in doubt is used before the document is asked again. */
  static final Duration RECHECK = Duration.ofSeconds(30);

  /** The client's own limit is no longer. */
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(1);

  private final String issuer;
  private final @Nullable String tls;
  private final UpstreamClient client;
  private final LongSupplier nanoTime;
  private volatile @Nullable URI known;
  private volatile boolean doubted;
  private volatile long beganNanos;
  private @Nullable CompletableFuture<Outcome<URI>> flight;
  private @Nullable Refusal lastFailure;

  DiscoveredEndpoint(
      String issuer, @Nullable String tls, UpstreamClient client, LongSupplier nanoTime) {
    this.issuer = issuer;
    this.tls = tls;
    this.client = client;
    this.nanoTime = nanoTime;
  }

  @Override
  public Outcome<URI> locate(Deadline deadline) {
    URI uri = known;
    if (uri == null) {
      return await(join(COOL_DOWN), deadline);
    }
    Duration interval = doubted ? RECHECK : TTL;
    if (nanoTime.getAsLong() - beganNanos >= interval.toNanos()) {
      CompletableFuture<Outcome<URI>> _ = join(interval);
    }
    return Outcome.accepted(uri);
  }

  @Override
  public void doubt() {
    doubted = true;
  }

  /** The fetch under way, or one begun just now; or the last failure, while it is too soon. */
  private synchronized CompletableFuture<Outcome<URI>> join(Duration interval) {
    if (flight != null) {
      return flight;
    }
    long now = nanoTime.getAsLong();
    if (lastFailure != null && now - beganNanos < COOL_DOWN.toNanos()) {
      return CompletableFuture.completedFuture(Outcome.refused(later(lastFailure, now)));
    }
    URI uri = known;
    if (uri != null && now - beganNanos < interval.toNanos()) {
      return CompletableFuture.completedFuture(Outcome.accepted(uri));
    }
    CompletableFuture<Outcome<URI>> begun = new CompletableFuture<>();
    flight = begun;
    beganNanos = now;
    Thread.ofVirtual().name("token-endpoint").start(() -> land(begun));
    return begun;
  }

  private void land(CompletableFuture<Outcome<URI>> begun) {
    Outcome<URI> found =
        Outcome.refused(
            Refusal.of(RefusalReason.UPSTREAM_UNREACHABLE).seen("the broker failed in fetching"));
    try {
      found = discover();
    } finally {
      synchronized (this) {
        flight = null;
        switch (found) {
          case Accepted<URI>(URI uri) -> {
            known = uri;
            doubted = false;
            lastFailure = null;
          }
          case Refused<URI>(Refusal why) -> {
            lastFailure = why;
            found = Outcome.refused(later(why, nanoTime.getAsLong()));
          }
        }
      }
      begun.complete(found);
    }
  }

  private Outcome<URI> discover() {
    URI location = DiscoveryDocument.location(issuer);
    Outcome<URI> found =
        switch (client.get(new FetchRequest(location, tls), Deadline.after(FETCH_LIMIT))) {
          case Fetched.Document document ->
              DiscoveryDocument.endpoint(document.body(), issuer, "token_endpoint");
          case Fetched.Failed(var kind, String detail) ->
              Outcome.refused(Refusal.of(UpstreamFailures.reason(kind)).seen(detail));
        };
    return switch (found) {
      case Accepted<URI> accepted -> accepted;
      case Refused<URI>(Refusal why) -> Outcome.refused(named(why, location));
    };
  }

  /** The reasons for which keys are refused, in the words for upstreams. */
  private static Refusal named(Refusal why, URI location) {
    RefusalReason reason = why.reason();
    if (reason == RefusalReason.DISCOVERY_ISSUER_MISMATCH) {
      reason = RefusalReason.UPSTREAM_ISSUER_MISMATCH;
    } else if (reason == RefusalReason.KEYS_INVALID) {
      reason = RefusalReason.UPSTREAM_ANSWER_MALFORMED;
    }
    String expected =
        why.expected().isEmpty() ? "the discovery document at " + location : why.expected();
    return Refusal.of(reason).expected(expected).seen(why.seen());
  }

  /** Spread, since all callers are sent away to the same moment. */
  private Refusal later(Refusal why, long now) {
    if (why.reason().retry() != RefusalReason.Retry.LATER) {
      return why;
    }
    long left = Math.max(0, COOL_DOWN.toNanos() - (now - beganNanos));
    long spread = ThreadLocalRandom.current().nextLong(COOL_DOWN.toNanos() / 2) + 1_000_000;
    return why.retryAfter(Duration.ofNanos(left + spread));
  }

  private static Outcome<URI> await(CompletableFuture<Outcome<URI>> found, Deadline deadline) {
    try {
      return found.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      return tooLate();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return tooLate();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Outcome<URI> tooLate() {
    return Outcome.refused(
        Refusal.of(RefusalReason.DEADLINE_EXCEEDED)
            .expected("the upstream's discovery document before the caller's deadline")
            .seen("a fetch that is still under way"));
  }
}
