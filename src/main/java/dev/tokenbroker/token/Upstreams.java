package dev.tokenbroker.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.upstream.GuardSettings;
import dev.tokenbroker.upstream.PeerGuard;
import dev.tokenbroker.upstream.UpstreamClient;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The upstreams in use, one for each definition; they outlive the federation revisions that name
 * them, so a new revision neither forgets what the guard has learnt nor discovers anew. Safe for
 * use by several threads.
 */
@Singleton
public final class Upstreams {

  /** How many a federation document may name. */
  public static final int MAX_NAMED = 1000;

  /**
   * Of upstreams no longer used, at most that many are remembered: all that one document may have
   * dropped.
   */
  private static final int MAX_RETIRED = MAX_NAMED;

  /** After that time the budget of a guard is full again anyway, or might be. */
  private static final Duration RETIRED_TTL = Duration.ofHours(1);

  private final UpstreamClient client;
  private final GuardSettings guards;
  private final Duration maxTokenLifetime;
  private final InstantSource clock;
  private final Map<UpstreamDefinition, Upstream> used = new HashMap<>();

  /**
   * One that comes back goes on with the guard it had: otherwise revisions that drop and name an
   * upstream in turn would retry without bound.
   */
  private final Cache<UpstreamDefinition, Upstream> retired =
      Caffeine.newBuilder()
          .maximumSize(MAX_RETIRED)
          .expireAfterWrite(RETIRED_TTL)
          .executor(Runnable::run)
          .build();

  @Inject
  Upstreams(
      UpstreamClient client,
      GuardSettings guards,
      UpstreamTokenSettings settings,
      InstantSource clock) {
    this.client = client;
    this.guards = guards;
    this.maxTokenLifetime = settings.maxTokenLifetime();
    this.clock = clock;
  }

  /**
   * The upstream of that definition: the same one as long as it is in use. Reads its secret where
   * it is a new one; asks for nothing.
   *
   * @throws IllegalArgumentException where the definition names neither issuer nor token endpoint
   */
  public synchronized Upstream of(UpstreamDefinition definition) {
    return used.computeIfAbsent(definition, this::take);
  }

  /** Those in use, in no particular order. */
  public synchronized List<Upstream> inUse() {
    return List.copyOf(used.values());
  }

  /** Forgets those that are not among the ones still used. */
  public synchronized void retain(Set<UpstreamDefinition> stillUsed) {
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
   * Looks at the files with secrets of all upstreams in use and takes what has changed; one that
   * has turned bad leaves the secret as it was. Reads at most 64 KiB for each, so it may be called
   * every few seconds.
   */
  public void reread() {
    inUse().forEach(Upstream::reread);
  }

  private Upstream take(UpstreamDefinition definition) {
    Upstream before = retired.asMap().remove(definition);
    if (before != null) {
      before.reread();
      return before;
    }
    return new Upstream(
        definition,
        PeerGuard.of(definition.name(), guards),
        TokenEndpoint.of(definition, client),
        new TokenAttempts(definition, client, maxTokenLifetime, clock));
  }
}
