package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.store.StoreSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the broker that decide what a document may refer to.
 *
 * @param httpToLoopback whether issuers and upstreams on this host may be called without TLS
 * @param ownClients the enabled clients of {@code quarkus.oidc-client}; null if they are not known,
 *     as for a command, so that a document may name any
 * @param leastLeeway the least leeway of an issuer: two replicas whose clocks are so far apart must
 *     both accept a new credential
 * @param ourselves the issuer name of this broker; empty if it is not known
 */
public record Surroundings(
    boolean httpToLoopback,
    @Nullable Set<String> ownClients,
    Duration leastLeeway,
    Optional<String> ourselves) {

  /**
   * The surroundings of a broker with these settings.
   *
   * @param ourselves as in the record
   * @param ownClients as in the record
   */
  public static Surroundings of(
      PeerSettings peers,
      StoreSettings store,
      Optional<String> ourselves,
      @Nullable Set<String> ownClients) {
    Duration leastLeeway = store.shared() ? store.maxSkew() : Duration.ZERO;
    return new Surroundings(peers.allowHttpToLoopback(), ownClients, leastLeeway, ourselves);
  }

  /** For a document of a broker whose other settings are not known. */
  static Surroundings unknown(boolean httpToLoopback) {
    return new Surroundings(httpToLoopback, null, Duration.ZERO, Optional.empty());
  }
}
