package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.store.LogEntry;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.SharedStore;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys of one replica that shares a store, without the times at which they sign. */
public final class PublishingReplica {

  private final ReplicaKeys keys;
  private final Map<SigningKey, Instant> own = new LinkedHashMap<>();

  public PublishingReplica(SharedStore store) {
    Clocks clock = Clocks.system();
    keys =
        new ReplicaKeys(
            store, new Roster(true, store, clock), TestTokenSettings.defaults(), Instant::now);
  }

  /** Publishes one more key; returns its {@code kid}. */
  public String publish() {
    SigningKey next = SigningKey.generate(SigningAlgorithm.ES256, SignatureProvider.automatic());
    own.put(next, Instant.MAX);
    keys.announce(own);
    return next.kid();
  }

  /** Whether it is an announcement in force, and not one that a later one has replaced. */
  public boolean knows(LogEntry entry) {
    return keys.known().contains(entry);
  }

  /** The {@code kid} of each key that it publishes, its own included. */
  public Set<String> published() {
    return Stream.concat(
            own.keySet().stream().map(SigningKey::kid),
            keys.others(Instant.now()).stream().map(jwk -> (String) jwk.get("kid")))
        .collect(Collectors.toSet());
  }
}
