package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.peers.guard.PeerGuards;
import dev.tokenbroker.peers.guard.Retained;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.oauth.OwnTokens;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The upstreams in use, one for each definition. They outlive the federation revisions that name
 * them, so a new revision neither forgets the state of a guard nor discovers an endpoint again.
 * Safe for use by several threads.
 */
@Singleton
public final class Upstreams {

  /** How many upstreams a federation document may name. */
  public static final int MAX_NAMED = 1000;

  /**
   * How many unused upstreams are remembered at most: all that one document may have dropped, if
   * none are from before it.
   */
  private static final int MAX_RETIRED = MAX_NAMED;

  /** After that time the budget of a guard may be full again anyway. */
  private static final Duration RETIRED_TTL = Duration.ofHours(1);

  private final Retained<UpstreamDefinition, Upstream> upstreams;

  /** Takes one parameter for each thing that an upstream shares with the rest of the broker. */
  Upstreams(
      PeerClient client,
      PeerGuards guards,
      UpstreamTokenSettings settings,
      JwtMinter assertions,
      OwnTokens own,
      Clocks clock,
      ChangeListener changes) {
    Duration maxTokenLifetime = settings.maxTokenLifetime();
    Presenter presenter = new Presenter(assertions);
    this.upstreams =
        new Retained<>(
            MAX_RETIRED,
            RETIRED_TTL,
            clock::nanoTime,
            definition -> {
              TokenEndpoint endpoint = TokenEndpoint.of(definition, client, changes);
              UpstreamKind.UpstreamMeans means =
                  new UpstreamKind.UpstreamMeans(
                      client, maxTokenLifetime, clock, changes, endpoint::doubt);
              UpstreamProtocol protocol = definition.kind().protocol(definition, means);
              return new Upstream(
                  definition,
                  guards.of(definition.name()),
                  endpoint,
                  presenter,
                  new TokenAttempts(definition, protocol, clock, changes),
                  new UpstreamProbe(definition, endpoint, client, clock::nanoTime),
                  own);
            },
            Upstream::reread);
  }

  /**
   * The upstream of that definition: the same one as long as it is in use. A new one reads its
   * secret and calls nothing.
   */
  public Upstream of(UpstreamDefinition definition) {
    return upstreams.of(definition);
  }

  /** The upstreams in use, in no particular order. */
  public List<Upstream> inUse() {
    return upstreams.inUse();
  }

  /** Forgets the upstreams that are no longer used. */
  public void retain(Set<UpstreamDefinition> stillUsed) {
    upstreams.retain(stillUsed);
  }

  /**
   * Reads the secret files of all upstreams in use again and takes what has changed. A file that
   * has turned bad leaves the secret as it was. Reads at most 64 KiB for each, so it may be called
   * every few seconds.
   */
  public void reread() {
    inUse().forEach(Upstream::reread);
  }
}
