package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.issuer.IssuerDocuments.FetchPurpose;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the keys of one issuer: its discovery document where needed, then its key set.
 *
 * <p>{@link RemoteKeys} calls {@link #attempt} on one thread at a time. An attempt may make one
 * fetch, and a second where the budget has its extra. It reads the discovery document first in
 * three cases: none was read yet, a fetch of the key set failed since (it may have moved), or a ttl
 * has passed. Without an extra for the key set, the next attempt fetches it.
 *
 * <p>A {@link #probe} may run beside an attempt. It reads both documents. What it finds helps later
 * attempts; its failure changes nothing for them.
 */
final class KeyFetcher {

  /** For how long verdicts tell of a changed {@code jwks_uri}. */
  private static final Duration TOLD = Duration.ofDays(1);

  private static final Logger LOG = Logger.getLogger(KeyFetcher.class);

  private final KeyLocation location;
  private final IssuerDocuments documents;
  private final FetchBudget budget;
  private final Clocks clocks;
  private final IssuerChanges changes;
  private volatile @Nullable Relocation relocation;
  private volatile @Nullable URI jwksUri;
  private volatile boolean suspect;
  private volatile long discoveredNanos;
  private @Nullable Refusal keySetFailure;

  /** A {@code jwks_uri} that has changed since the discovery document was read before. */
  private record Relocation(URI from, URI to, Instant at, long nanos) {}

  KeyFetcher(
      KeyLocation location,
      IssuerDocuments documents,
      FetchBudget budget,
      Clocks clocks,
      IssuerChanges changes) {
    this.location = location;
    this.documents = documents;
    this.budget = budget;
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
    boolean dueAgain = clocks.nanoTime() - discoveredNanos >= ttl.toNanos();
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

  /** Fetches both documents, whatever is known; the caller has already taken the permit. */
  KeyFetch probe() {
    URI declared = location.jwksUri();
    Outcome<URI> place =
        declared != null
            ? Outcome.accepted(declared)
            : documents.discovery(FetchPurpose.PROBE).map(found -> located(found.jwksUri()));
    return switch (place.then(uri -> documents.keySet(uri, true, FetchPurpose.PROBE))) {
      case Accepted<KeyFetch.FetchedKeys>(KeyFetch.FetchedKeys fetched) -> fetched;
      case Refused<KeyFetch.FetchedKeys>(Refusal why) -> failed(why);
    };
  }

  /** One sentence about a {@code jwks_uri} that changed within a day; null if it did not. */
  @Nullable String moved() {
    Relocation last = relocation;
    return last == null || clocks.nanoTime() - last.nanos() > TOLD.toNanos()
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
    return switch (documents.discovery(FetchPurpose.CALLERS)) {
      case Accepted<DiscoveryDocument>(DiscoveryDocument(URI found)) -> {
        suspect = false;
        yield Outcome.accepted(located(found));
      }
      case Refused<DiscoveryDocument>(Refusal why) -> {
        // After other failures the next attempt uses the known key set URL: a permanently broken
        // discovery document must not hide keys that are still published.
        suspect = why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH;
        yield Outcome.refused(why);
      }
    };
  }

  private KeyFetch fetchKeys(URI uri, boolean pastCaches) {
    return switch (documents.keySet(uri, pastCaches, FetchPurpose.CALLERS)) {
      case Accepted<KeyFetch.FetchedKeys>(KeyFetch.FetchedKeys fetched) -> {
        keySetFailure = null;
        yield fetched;
      }
      case Refused<KeyFetch.FetchedKeys>(Refusal why) -> {
        suspect = true;
        keySetFailure = why;
        yield failed(why);
      }
    };
  }

  /** Takes the place that a discovery document names, and reports another one than before. */
  private synchronized URI located(URI found) {
    URI before = jwksUri;
    jwksUri = found;
    discoveredNanos = clocks.nanoTime();
    if (before != null && !before.equals(found)) {
      relocation = new Relocation(before, found, clocks.instant(), clocks.nanoTime());
      changes.moved(before, found);
      LOG.infof("jwks_uri of issuer %s is now %s, before %s", location.label(), found, before);
    }
    return found;
  }

  private KeyFetch.FetchFailed failed(Refusal why) {
    return KeyFetch.FetchFailed.of(why, clocks.instant());
  }
}
