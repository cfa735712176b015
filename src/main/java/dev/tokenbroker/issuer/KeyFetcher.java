package dev.tokenbroker.issuer;

import dev.tokenbroker.jose.Sha256;
import dev.tokenbroker.outbound.CallFailed;
import dev.tokenbroker.outbound.FetchFailure;
import dev.tokenbroker.outbound.FetchRequest;
import dev.tokenbroker.outbound.Fetched;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Outcome.Accepted;
import dev.tokenbroker.outcome.Outcome.Refused;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the keys of one issuer: its discovery document where needed, then its key set.
 *
 * <p>{@link RemoteKeys} calls {@link #attempt} on one thread at a time. An attempt may make one
 * fetch, and a second where the budget has its extra. It reads the discovery document first in
 * three cases: none was read yet, a fetch of the key set failed since (it may have moved), or a ttl
 * has passed. Without an extra for the key set, the next attempt fetches it.
 */
final class KeyFetcher {

  /** At least as long as the client's own limit. */
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(1);

  /** For how long verdicts tell of a changed {@code jwks_uri}. */
  private static final Duration TOLD = Duration.ofDays(1);

  private static final Logger LOG = Logger.getLogger(KeyFetcher.class);

  private final KeyLocation location;
  private final DocumentSource documents;
  private final FetchBudget budget;
  private final KeyTimes times;
  private final Clocks clocks;
  private final IssuerChanges changes;
  private final AtomicLong fetches = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile @Nullable ClockMeasurement clock;
  private volatile @Nullable FetchUnderWay underWay;
  private volatile @Nullable Relocation relocation;
  private @Nullable URI jwksUri;
  private boolean suspect;
  private @Nullable Refusal keySetFailure;
  private long discoveredNanos;

  /** An offset, and both our clocks at that moment. */
  private record ClockMeasurement(ClockOffset offset, Instant wall, long nanos) {}

  private record FetchUnderWay(String document, long sinceNanos) {}

  /** A {@code jwks_uri} that has changed since the discovery document was read before. */
  private record Relocation(URI from, URI to, Instant at, long nanos) {}

  KeyFetcher(
      KeyLocation location,
      DocumentSource documents,
      FetchBudget budget,
      KeyTimes times,
      Clocks clocks,
      IssuerChanges changes) {
    this.location = location;
    this.documents = documents;
    this.budget = budget;
    this.times = times;
    this.clocks = clocks;
    this.changes = changes;
    this.jwksUri = location.jwksUri();
  }

  /**
   * Tries once; the caller has already taken the slot.
   *
   * @param ttl for how long keys are fresh at present
   * @param pastCaches whether the key set must come from the issuer itself
   */
  KeyFetch attempt(Duration ttl, boolean pastCaches) {
    URI known = jwksUri;
    if (location.jwksUri() != null && known != null) {
      return fetchKeys(known, pastCaches);
    }
    if (known == null || suspect) {
      return discoverAndFetch(ttl, pastCaches);
    }
    boolean dueAgain = clocks.nanos() - discoveredNanos >= ttl.toNanos();
    if (!dueAgain || !budget.takeExtra(ttl)) {
      return fetchKeys(known, pastCaches);
    }
    return switch (discover()) {
      case Accepted<URI>(URI uri) -> fetchKeys(uri, pastCaches);
      // A document that names another issuer ends the attempt. An issuer whose document is merely
      // unavailable may still publish keys at the known URL.
      case Refused<URI>(Refusal why) ->
          why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH || budget.isHeld()
              ? failed(why)
              : fetchKeys(known, pastCaches);
    };
  }

  /** Fetches begun. */
  long fetches() {
    return fetches.get();
  }

  /** Fetches without a usable result. */
  long failures() {
    return failures.get();
  }

  /** Null until measured. */
  @Nullable ClockOffset clockOffset() {
    ClockMeasurement last = clock;
    return last == null
        ? null
        : last.offset()
            .after(
                Duration.between(last.wall(), clocks.wall().instant()),
                Duration.ofNanos(clocks.nanos() - last.nanos()));
  }

  /** The document that is being fetched now, and for how long; empty if none is. */
  String underWay() {
    FetchUnderWay now = underWay;
    return now == null
        ? ""
        : "%s, for %d ms"
            .formatted(now.document(), (clocks.nanos() - now.sinceNanos()) / 1_000_000);
  }

  /** One sentence about a {@code jwks_uri} that changed within a day; null if it did not. */
  @Nullable String moved() {
    Relocation last = relocation;
    return last == null || clocks.nanos() - last.nanos() > TOLD.toNanos()
        ? null
        : "The discovery document of %s names another jwks_uri: %s, before %s."
            .formatted(last.at(), last.to(), last.from());
  }

  private KeyFetch discoverAndFetch(Duration ttl, boolean pastCaches) {
    return switch (discover()) {
      case Refused<URI>(Refusal why) -> failed(why);
      case Accepted<URI>(URI uri) ->
          budget.takeExtra(ttl) ? fetchKeys(uri, pastCaches) : failed(keysComeNext(uri));
    };
  }

  /** The last failure of the key set, if any, since it is still why there are no keys. */
  private Refusal keysComeNext(URI uri) {
    Refusal before = keySetFailure;
    return before != null
        ? before
        : Refusal.of(RefusalReason.KEYS_UNREACHABLE)
            .expected("the key set at " + uri)
            .seen("the discovery document was read, the key set is fetched next");
  }

  private Outcome<URI> discover() {
    URI uri = DiscoveryDocument.location(location.issuer());
    Outcome<DiscoveryDocument> read =
        fetch(uri, "the discovery document at ", false)
            .then(
                found ->
                    DiscoveryDocument.parse(found.body(), location.issuer())
                        .map(document -> compared(document, found)));
    return switch (read) {
      case Accepted<DiscoveryDocument>(DiscoveryDocument(URI found)) -> {
        relocate(jwksUri, found);
        jwksUri = found;
        suspect = false;
        discoveredNanos = clocks.nanos();
        yield Outcome.accepted(found);
      }
      case Refused<DiscoveryDocument>(Refusal why) -> {
        failures.incrementAndGet();
        // After other failures the next attempt uses the known key set URL: a permanently broken
        // discovery document must not hide keys that are still published.
        suspect = why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH;
        yield Outcome.refused(named(why, "the discovery document at " + uri));
      }
    };
  }

  private DiscoveryDocument compared(DiscoveryDocument document, Fetched.Document found) {
    changes.discovered(found.body(), clocks.wall().instant());
    return document;
  }

  private KeyFetch fetchKeys(URI uri, boolean pastCaches) {
    long askedNanos = clocks.nanos();
    Outcome<KeyFetch.FetchedKeys> keys =
        fetch(uri, "the key set at ", pastCaches)
            .then(
                found ->
                    KeySetDocument.parse(found.body())
                        .map(parsed -> keys(parsed, found, askedNanos)));
    return switch (keys) {
      case Accepted<KeyFetch.FetchedKeys>(KeyFetch.FetchedKeys fetched) -> {
        keySetFailure = null;
        yield fetched;
      }
      case Refused<KeyFetch.FetchedKeys>(Refusal why) -> {
        failures.incrementAndGet();
        suspect = true;
        keySetFailure = named(why, "the key set at " + uri);
        yield failed(keySetFailure);
      }
    };
  }

  private KeyFetch.FetchedKeys keys(
      KeySetDocument parsed, Fetched.Document found, long askedNanos) {
    Duration maxAge = found.maxAge();
    Duration left = maxAge == null ? null : maxAge.minus(found.age());
    return new KeyFetch.FetchedKeys(
        new KeyRing(parsed),
        Sha256.hex(found.body()),
        askedNanos,
        found.age(),
        found.date(),
        clocks.wall().instant(),
        times.ttl(left));
  }

  private void relocate(@Nullable URI before, URI found) {
    if (before != null && !before.equals(found)) {
      relocation = new Relocation(before, found, clocks.wall().instant(), clocks.nanos());
      changes.moved(before, found);
      LOG.infof("jwks_uri of issuer %s is now %s, before %s", location.issuer(), found, before);
    }
  }

  private KeyFetch.FetchFailed failed(Refusal why) {
    return KeyFetch.FetchFailed.of(why, clocks.wall().instant());
  }

  private Outcome<Fetched.Document> fetch(URI uri, String named, boolean pastCaches) {
    fetches.incrementAndGet();
    FetchRequest request = new FetchRequest(uri, location.tls(), pastCaches);
    underWay = new FetchUnderWay(named + uri, clocks.nanos());
    Fetched fetched;
    try {
      fetched = documents.get(request, Deadline.after(FETCH_LIMIT));
    } finally {
      underWay = null;
    }
    return switch (fetched) {
      case Fetched.Document document -> {
        measureClock(document);
        yield Outcome.accepted(document);
      }
      case CallFailed(FetchFailure kind, String detail, Duration retryAfter) -> {
        if (retryAfter != null) {
          budget.hold(times.hold(retryAfter));
        }
        yield Outcome.refused(Refusal.of(reason(kind)).seen(detail));
      }
    };
  }

  private void measureClock(Fetched.Document document) {
    Instant date = document.date();
    // A cached response carries an old date.
    if (date == null || !document.age().isZero()) {
      return;
    }
    Instant now = clocks.wall().instant();
    Duration ahead = Duration.between(now.minus(document.sinceMidpoint()), date);
    ClockOffset offset = ClockOffset.of(ahead, document.roundTrip());
    clock = new ClockMeasurement(offset, now, clocks.nanos());
    changes.measured(offset, now);
  }

  private static Refusal named(Refusal why, String document) {
    return why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH ? why : why.expected(document);
  }

  private static RefusalReason reason(FetchFailure kind) {
    return switch (kind) {
      case UNREACHABLE, TIMED_OUT, SERVER_ERROR, OVERLOADED -> RefusalReason.KEYS_UNREACHABLE;
      case TLS_UNTRUSTED, TLS_NOT_CONFIGURED -> RefusalReason.ISSUER_TLS_UNTRUSTED;
      case TLS_CERTIFICATE_INVALID -> RefusalReason.ISSUER_CERTIFICATE_INVALID;
      case TLS_CLIENT_CERTIFICATE_WANTED -> RefusalReason.ISSUER_CLIENT_CERTIFICATE_WANTED;
      case TLS_FAILED -> RefusalReason.ISSUER_TLS_FAILED;
      case ADDRESS_REFUSED -> RefusalReason.ISSUER_ADDRESS_REFUSED;
      case REDIRECTED, BAD_STATUS, TOO_LARGE, MALFORMED -> RefusalReason.KEYS_INVALID;
    };
  }
}
