package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.KeySources.IssuerAccess;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.AnswerTimes;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.oauth.OwnClient;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fetches and reads the single documents of one issuer, counts the fetches, and measures the clock
 * of the issuer. Safe for use by several threads.
 */
final class IssuerDocuments {

  /** The reasons that a failed fetch can have. */
  static final Set<RefusalReason> REASONS =
      Stream.of(
              Arrays.stream(FetchFailure.values()).map(kind -> reason(kind, false)),
              Stream.of(
                  RefusalReason.DISCOVERY_ISSUER_MISMATCH, RefusalReason.ISSUER_ACCESS_REFUSED),
              OwnClient.REASONS.stream())
          .flatMap(Function.identity())
          .collect(Collectors.toUnmodifiableSet());

  private static final String ISSUER = "The issuer's document at";

  /** At least as long as the client's own limit. */
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(1);

  private final KeyLocation location;
  private final IssuerAccess documents;
  private final FetchBudget budget;
  private final KeyTimes times;
  private final Clocks clocks;
  private final IssuerChanges changes;
  private final AtomicLong fetches = new AtomicLong();
  private final AtomicLong probes = new AtomicLong();
  private final Map<RefusalReason, LongAdder> failures = new EnumMap<>(RefusalReason.class);
  private volatile @Nullable ClockMeasurement clock;
  private volatile @Nullable FetchUnderWay underWay;
  private volatile @Nullable String unusedKeySet;

  /** An offset, and both our clocks at that moment. */
  private record ClockMeasurement(ClockOffset offset, Instant wall, long nanos) {}

  private record FetchUnderWay(String document, long sinceNanos) {}

  /** On whose account a fetch is made. */
  enum FetchPurpose {
    /** For callers: it heeds a pause that the issuer asks for. */
    CALLERS,
    /** To see changes: callers notice nothing of it. */
    PROBE
  }

  IssuerDocuments(
      KeyLocation location,
      IssuerAccess documents,
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
    REASONS.forEach(reason -> failures.put(reason, new LongAdder()));
  }

  /** The discovery document of the issuer. */
  Outcome<DiscoveryDocument> discovery(FetchPurpose purpose) {
    URI uri = location.discovery();
    return counted(
        fetch(uri, "the discovery document at ", false, purpose)
            .then(
                found ->
                    parsed(found)
                        .mapRefusal(why -> why.noted(AnswerText.notes(ISSUER, found.words())))),
        "the discovery document at " + uri);
  }

  private Outcome<DiscoveryDocument> parsed(CallEnd.Response found) {
    changes.discovered(found.body(), clocks.instant());
    return switch (location.access()) {
      case KeyAccess.ApiServer server -> {
        unusedKeySet = DiscoveryDocument.unusedKeySet(found.body(), server.keySet()).orElse(null);
        yield DiscoveryDocument.ofApiServer(found.body(), location.issuer(), server.keySet());
      }
      case KeyAccess.Open _ -> DiscoveryDocument.parse(found.body(), location.issuer());
      case KeyAccess.OwnToken _ ->
          DiscoveryDocument.parse(found.body(), location.issuer()).then(this::withinOrigin);
    };
  }

  /** A discovery document must not lead the broker's own token to another server. */
  private Outcome<DiscoveryDocument> withinOrigin(DiscoveryDocument found) {
    URI issuer = location.discovery();
    URI keys = found.jwksUri();
    return issuer.getScheme().equalsIgnoreCase(keys.getScheme())
            && issuer.getRawAuthority().equalsIgnoreCase(keys.getRawAuthority())
        ? Outcome.accepted(found)
        : Outcome.refused(
            Refusal.of(RefusalReason.ISSUER_ACCESS_REFUSED)
                .expected("a jwks_uri at " + issuer.getRawAuthority() + ", or a declared jwksUri")
                .seen("no request: a jwks_uri on another server, which gets no own token"));
  }

  /**
   * The key set at that URL.
   *
   * @param pastCaches whether it must come from the issuer itself
   */
  Outcome<KeyFetch.FetchedKeys> keySet(URI uri, boolean pastCaches, FetchPurpose purpose) {
    long askedNanos = clocks.nanoTime();
    return counted(
        fetch(uri, "the key set at ", pastCaches, purpose)
            .then(
                found ->
                    KeySetDocument.parse(found.body())
                        .mapRefusal(why -> why.noted(AnswerText.notes(ISSUER, found.words())))
                        .map(parsed -> keys(parsed, found, askedNanos))),
        "the key set at " + uri);
  }

  /** The state of the keys from them. */
  KeySetStatus status(
      KeyFetch.@Nullable FetchedKeys held, KeyFetch.@Nullable FetchFailed lastFailure) {
    return new KeySetStatus(
        held == null ? Freshness.ABSENT : held.freshness(clocks.nanoTime(), times.maxStale()),
        held == null ? 0 : held.keys().all().size(),
        held == null ? null : held.fetchedAt(),
        fetches.get(),
        failures(),
        clockOffset(),
        lastFailure == null ? null : lastFailure.dated());
  }

  /** Fetches that were probes. */
  long probes() {
    return probes.get();
  }

  /** Fetches without a usable result. */
  long failures() {
    return failures.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Fetches without a usable result for that reason. */
  long failures(RefusalReason reason) {
    LongAdder counter = failures.get(reason);
    return counter == null ? 0 : counter.sum();
  }

  /** Null until measured. */
  @Nullable ClockOffset clockOffset() {
    ClockMeasurement last = clock;
    return last == null
        ? null
        : last.offset()
            .after(
                Duration.between(last.wall(), clocks.instant()),
                Duration.ofNanos(clocks.nanoTime() - last.nanos()));
  }

  /** The {@code jwks_uri} that the broker never fetches, since an API server has the keys. */
  @Nullable String unusedKeySet() {
    return unusedKeySet;
  }

  /** The document that is being fetched for callers, and for how long; empty if none is. */
  String underWay() {
    FetchUnderWay now = underWay;
    return now == null
        ? ""
        : "%s, for %d ms"
            .formatted(now.document(), (clocks.nanoTime() - now.sinceNanos()) / 1_000_000);
  }

  private KeyFetch.FetchedKeys keys(
      KeySetDocument parsed, CallEnd.Response found, long askedNanos) {
    AnswerTimes answered = found.times();
    Duration maxAge = answered.maxAge();
    Duration left = maxAge == null ? null : maxAge.minus(answered.age());
    return new KeyFetch.FetchedKeys(
        new KeyRing(parsed),
        Sha256.hex(found.body()),
        askedNanos,
        answered.age(),
        answered.date(),
        clocks.instant(),
        times.ttl(left));
  }

  private Outcome<CallEnd.Response> fetch(
      URI uri, String named, boolean pastCaches, FetchPurpose purpose) {
    fetches.incrementAndGet();
    PeerRequest plain =
        PeerRequest.document(uri, null)
            .withTls(location.trusted())
            .withPeer(Peer.issuer(location.issuer(), location.place()));
    PeerRequest request = pastCaches ? plain.pastCaches() : plain;
    return switch (purpose) {
      case PROBE -> {
        probes.incrementAndGet();
        yield documents
            .get(request.probing(), Deadline.limit(FETCH_LIMIT))
            .then(fetched -> read(fetched, purpose));
      }
      case CALLERS -> {
        underWay = new FetchUnderWay(named + uri, clocks.nanoTime());
        try {
          yield documents
              .get(request, Deadline.limit(FETCH_LIMIT))
              .then(fetched -> read(fetched, purpose));
        } finally {
          underWay = null;
        }
      }
    };
  }

  private Outcome<CallEnd.Response> read(CallEnd fetched, FetchPurpose purpose) {
    return switch (fetched) {
      case CallEnd.Response document -> {
        measureClock(document.times());
        yield Outcome.accepted(document);
      }
      case CallFailed failure -> {
        Duration retryAfter = failure.retryAfter();
        if (retryAfter != null && purpose == FetchPurpose.CALLERS) {
          budget.hold(times.hold(retryAfter));
        }
        boolean presented = !(location.access() instanceof KeyAccess.Open);
        yield Outcome.refused(
            Refusal.of(reason(failure.kind(), presented))
                .seen(failure.detail())
                .noted(AnswerText.notes(ISSUER, failure.words())));
      }
    };
  }

  private void measureClock(AnswerTimes answered) {
    Instant date = answered.date();
    // A cached response carries an old date.
    if (date == null || !answered.age().isZero()) {
      return;
    }
    Instant now = clocks.instant();
    Duration ahead = Duration.between(now.minus(answered.sinceMidpoint()), date);
    ClockOffset offset = ClockOffset.of(ahead, answered.roundTrip());
    clock = new ClockMeasurement(offset, now, clocks.nanoTime());
    changes.measured(offset, now);
  }

  /** Counts a failure, and names the document in it. */
  private <T> Outcome<T> counted(Outcome<T> read, String document) {
    return read.mapRefusal(
        why -> {
          LongAdder counter = failures.get(why.reason());
          if (counter == null) {
            throw new IllegalStateException("no reason for a failed fetch: " + why.reason());
          }
          counter.increment();
          return why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH
              ? why
              : why.expected(document);
        });
  }

  /**
   * The reason of a failed fetch.
   *
   * @param presented whether the broker has presented a token
   */
  private static RefusalReason reason(FetchFailure kind, boolean presented) {
    return switch (kind) {
      case UNREACHABLE, TIMED_OUT, SERVER_ERROR, OVERLOADED -> RefusalReason.KEYS_UNREACHABLE;
      case TLS_UNTRUSTED, TLS_NOT_CONFIGURED -> RefusalReason.ISSUER_TLS_UNTRUSTED;
      case TLS_CERTIFICATE_INVALID -> RefusalReason.ISSUER_CERTIFICATE_INVALID;
      case TLS_CLIENT_CERTIFICATE_WANTED -> RefusalReason.ISSUER_CLIENT_CERTIFICATE_WANTED;
      case PROXY_FAILED -> RefusalReason.ISSUER_PROXY_FAILED;
      case TLS_FAILED -> RefusalReason.ISSUER_TLS_FAILED;
      case ADDRESS_REFUSED -> RefusalReason.ISSUER_ADDRESS_REFUSED;
      case ACCESS_REFUSED ->
          presented ? RefusalReason.ISSUER_ACCESS_REFUSED : RefusalReason.KEYS_INVALID;
      case REDIRECTED, BAD_STATUS, TOO_LARGE, MALFORMED -> RefusalReason.KEYS_INVALID;
    };
  }
}
