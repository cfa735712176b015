package dev.tokenbroker.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.upstream.UpstreamClient;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * The key sources on the network, one for each place where keys are published; they outlive the
 * federation revisions that name them, so a new revision neither loses keys nor fetches anew.
 *
 * <p>Safe for use by several threads.
 */
@Singleton
public final class KeySources {

  /** Of sources no longer used, at most that many are remembered. */
  private static final int MAX_RETIRED = 1000;

  /** A start with many issuers must not exhaust what fetches share, such as name lookups. */
  static final int MAX_PREFETCHES = 16;

  private final DocumentSource documents;
  private final KeyTimes times;
  private final Clocks clocks;
  private final Semaphore prefetches = new Semaphore(MAX_PREFETCHES, true);
  private final Map<KeyLocation, RemoteKeys> used = new HashMap<>();

  /**
   * A source that comes back goes on with the budget it had: otherwise revisions that drop and name
   * an issuer in turn would fetch without bound. After the longest ttl its budget is full again
   * anyway.
   */
  private final Cache<KeyLocation, RemoteKeys> retired;

  /** Fetches by that door, as the settings say. */
  @Inject
  public KeySources(UpstreamClient upstream, IssuerSettings settings, InstantSource clock) {
    this(upstream::get, KeyTimes.of(settings), new Clocks(clock, System::nanoTime));
  }

  KeySources(DocumentSource documents, KeyTimes times, Clocks clocks) {
    this.documents = documents;
    this.times = times;
    this.clocks = clocks;
    Duration longest =
        times.maxTtl().compareTo(times.coolDown()) > 0 ? times.maxTtl() : times.coolDown();
    this.retired =
        Caffeine.newBuilder()
            .maximumSize(MAX_RETIRED)
            .expireAfterWrite(longest.plusMinutes(1)) // a fetch may still have been under way
            .ticker(clocks::nanos)
            .executor(Runnable::run)
            .build();
  }

  /** The source for that place: the same one each time. Fetches nothing yet. */
  public synchronized KeySetSource remote(KeyLocation location) {
    return source(location);
  }

  /** Forgets the sources that are not among those used. */
  public synchronized void retain(Set<KeyLocation> stillUsed) {
    used.entrySet()
        .removeIf(
            entry -> {
              boolean drop = !stillUsed.contains(entry.getKey());
              if (drop) {
                retired.put(entry.getKey(), entry.getValue());
              }
              return drop;
            });
  }

  /**
   * Begins to fetch the keys of those places in the background where none are held, {@value
   * #MAX_PREFETCHES} at a time. Whoever needs keys meanwhile does not wait for that.
   */
  public void prefetch(Collection<KeyLocation> locations) {
    List<RemoteKeys> sources = locations.stream().map(this::source).toList();
    Thread.ofVirtual().name("key-prefetch").start(() -> prefetchInTurn(sources));
  }

  private void prefetchInTurn(List<RemoteKeys> sources) {
    for (RemoteKeys source : sources) {
      prefetches.acquireUninterruptibly();
      source.prefetch(prefetches::release);
    }
  }

  private synchronized RemoteKeys source(KeyLocation location) {
    return used.computeIfAbsent(location, this::reviveOrCreate);
  }

  private RemoteKeys reviveOrCreate(KeyLocation location) {
    RemoteKeys known = retired.asMap().remove(location);
    return known != null
        ? known
        : RemoteKeys.of(location, times, documents, clocks, KeySources::onVirtualThread);
  }

  private static void onVirtualThread(Runnable flight) {
    Thread.ofVirtual().name("key-fetch").start(flight);
  }
}
