package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.guard.PeerGuards;
import dev.tokenbroker.peers.guard.PeerNews;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.Peer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The broker's own tokens, by the named clients of {@code quarkus.oidc-client}. Without a client
 * the broker has no token of its own, and calls no provider. Safe for use by several threads.
 */
@Singleton
public final class OwnTokens {

  private final Map<String, OwnClient> clients = new LinkedHashMap<>();

  @Inject
  OwnTokens(
      Providers providers,
      TokenRequests requests,
      PeerGuards guards,
      ChangeListener changes,
      Clocks clock) {
    for (Provider provider : providers.all()) {
      String name = provider.name();
      PeerNews news = new PeerNews(Peer.ownClient(name), clock::nanoTime, changes);
      ProviderGuard guard = new ProviderGuard(name, guards.of(name), news);
      clients.put(name, new OwnClient(provider, requests, guard, clock));
    }
  }

  private OwnTokens() {}

  /** No own tokens, for commands that run without a broker. */
  public static OwnTokens none() {
    return new OwnTokens();
  }

  /** The names of the clients that are enabled. */
  public Set<String> names() {
    return Set.copyOf(clients.keySet());
  }

  /** The clients that are enabled, by name. */
  public Collection<OwnClient> all() {
    return clients.values();
  }

  /**
   * A good token of that client, as {@link OwnClient#token} returns it.
   *
   * @param client one of {@link #names}; another name is refused with {@code OWN_TOKEN_REFUSED}
   */
  public Outcome<BearerToken> token(String client, Deadline deadline) {
    OwnClient known = clients.get(client);
    return known == null
        ? Outcome.refused(
            Refusal.of(RefusalReason.OWN_TOKEN_REFUSED)
                .expected("an enabled client quarkus.oidc-client." + client)
                .seen("no such client"))
        : known.token(deadline);
  }
}
