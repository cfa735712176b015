package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.guard.PeerGuards;
import dev.tokenbroker.peers.guard.Retained;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.oauth.OwnTokens;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The key sources on the network, one for each place where keys are published. They outlive the
 * federation revisions that name them, so a new revision neither loses keys nor fetches again.
 *
 * <p>Safe for use by several threads.
 */
@Singleton
public final class KeySources {

  /** The most unused sources that are kept. */
  private static final int MAX_RETIRED = 1000;

  /** Bounds a start with many issuers, which must not exhaust shared parts such as name lookups. */
  static final int MAX_PREFETCHES = 16;

  private final Semaphore prefetches = new Semaphore(MAX_PREFETCHES, true);
  private final Retained<KeyLocation, RemoteKeys> sources;

  /** Fetches with that client, by the settings. */
  @Inject
  public KeySources(
      PeerClient upstream,
      IssuerSettings settings,
      OwnTokens own,
      PeerGuards guards,
      Clocks clock,
      ChangeListener changes) {
    this(
        location -> access(location, upstream, own, guards, clock),
        KeyTimes.of(settings),
        clock,
        changes);
  }

  private static IssuerAccess access(
      KeyLocation location, PeerClient upstream, OwnTokens own, PeerGuards guards, Clocks clock) {
    return switch (location.access()) {
      case KeyAccess.Open _ -> IssuerAccess.open(upstream::get);
      case KeyAccess.OwnToken(String client) ->
          new IssuerAccess(
              upstream::get,
              deadline -> own.token(client, deadline).map(Optional::of),
              CredentialReview.NONE);
      case KeyAccess.ApiServer cluster -> {
        TokenFile token = new TokenFile(cluster.tokenFile());
        ReviewCalls calls = new ReviewCalls(location, cluster.server(), upstream::send);
        yield new IssuerAccess(
            upstream::get,
            token,
            new ClusterReview(
                token, calls, guards.of(cluster.server().toString()), clock::nanoTime));
      }
    };
  }

  /** Sources whose documents anybody may read. */
  KeySources(DocumentSource documents, KeyTimes times, Clocks clocks, ChangeListener changes) {
    this(_ -> IssuerAccess.open(documents), times, clocks, changes);
  }

  /**
   * @param access gives the ways to the issuer at a place
   */
  KeySources(
      Function<KeyLocation, IssuerAccess> access,
      KeyTimes times,
      Clocks clocks,
      ChangeListener changes) {
    // After the longest ttl the budget of a source is full again anyway.
    Duration longest =
        times.maxTtl().compareTo(times.coolDown()) > 0 ? times.maxTtl() : times.coolDown();
    this.sources =
        new Retained<>(
            MAX_RETIRED,
            longest.plusMinutes(1), // a fetch may still have been under way
            clocks::nanoTime,
            location ->
                new RemoteKeys(
                    location,
                    times,
                    access.apply(location),
                    clocks,
                    KeySources::onVirtualThread,
                    changes),
            _ -> {});
  }

  /** The source for that place: the same one each time. Does not fetch yet. */
  public KeySetSource remote(KeyLocation location) {
    return sources.of(location);
  }

  /** Retires the sources that are not used any more. */
  public void retain(Set<KeyLocation> stillUsed) {
    sources.retain(stillUsed);
  }

  /**
   * Begins to fetch the keys of those places in the background where no fresh keys are held,
   * {@value #MAX_PREFETCHES} at a time. Callers that need keys do not wait for these fetches to
   * begin.
   */
  public void prefetch(Collection<KeyLocation> locations) {
    List<RemoteKeys> named = locations.stream().map(sources::of).toList();
    Thread.ofVirtual().name("key-prefetch").start(() -> prefetchInTurn(named));
  }

  private void prefetchInTurn(List<RemoteKeys> named) {
    for (RemoteKeys source : named) {
      prefetches.acquireUninterruptibly();
      source.prefetch(prefetches::release);
    }
  }

  private static void onVirtualThread(Runnable flight) {
    Thread.ofVirtual().name("key-fetch").start(flight);
  }

  /**
   * The file with the broker's own token. It is read for each fetch, since Kubernetes replaces a
   * projected service account token before the token expires.
   *
   * @param path the file; it may be absent until the first fetch
   */
  record TokenFile(Path path) implements BearerSource {

    private static final int MAX_BYTES = BearerToken.MAX_CHARS + 1024;

    @Override
    public Outcome<Optional<BearerToken>> bearer(Deadline deadline) {
      String token;
      try {
        // A character for each byte, so that no other byte passes for ASCII. White space around
        // the token is no part of it.
        token = new String(BoundedFile.read(path, MAX_BYTES), StandardCharsets.ISO_8859_1).strip();
      } catch (IOException unreadable) {
        return refused("cannot be read: " + BoundedFile.why(unreadable));
      }
      if (token.isEmpty()) {
        return refused("is empty");
      }
      return BearerToken.isWellFormed(token)
          ? Outcome.accepted(Optional.of(new BearerToken(token)))
          : refused("holds something else than one token (RFC 6750 section 2.1)");
    }

    private Outcome<Optional<BearerToken>> refused(String problem) {
      return Outcome.refused(
          Refusal.of(RefusalReason.ISSUER_ACCESS_REFUSED)
              .seen("no request: the file with the broker's own token, " + path + ", " + problem));
    }
  }

  /**
   * The ways to one issuer: the network, and the token that the broker presents.
   *
   * @param documents fetches the documents
   * @param bearers asked before each fetch
   * @param reviews asks the issuer about a credential
   */
  record IssuerAccess(DocumentSource documents, BearerSource bearers, CredentialReview reviews) {

    /** The ways to an issuer whose documents anybody may read. */
    static IssuerAccess open(DocumentSource documents) {
      return new IssuerAccess(documents, BearerSource.NONE, CredentialReview.NONE);
    }

    /** Fetches with a token if the issuer wants one; refused if there is no token to present. */
    Outcome<CallEnd> get(PeerRequest request, Deadline deadline) {
      return bearers
          .bearer(deadline)
          .map(token -> documents.get(token.map(request::withBearer).orElse(request), deadline));
    }
  }

  /** Fetches documents; hides the network. */
  @FunctionalInterface
  interface DocumentSource {

    /** Waits for a response with status 200, at most until the deadline. */
    CallEnd get(PeerRequest request, Deadline deadline);
  }
}
