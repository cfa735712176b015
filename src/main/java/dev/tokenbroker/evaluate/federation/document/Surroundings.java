package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param ownAddresses the broker's own issuer and token endpoint: the audiences of the assertions
 *     that clients sign. Not empty
 * @param root the root document, which lies outside the directory of the files that its {@code
 *     owners} bound; null for none: then no file may have owners, and none is bounded
 */
public record Surroundings(
    boolean httpToLoopback,
    @Nullable Set<String> ownClients,
    Duration leastLeeway,
    Set<String> ownAddresses,
    @Nullable Path root) {

  /**
   * The surroundings of a broker with these settings.
   *
   * @param token names the broker itself
   * @param ownClients as in the record
   */
  public static Surroundings of(
      PeerSettings peers,
      StoreSettings store,
      TokenSettings token,
      @Nullable Set<String> ownClients) {
    Duration leastLeeway = store.shared() ? store.maxSkew() : Duration.ZERO;
    return new Surroundings(
        peers.allowHttpToLoopback(), ownClients, leastLeeway, addresses(token), null);
  }

  /** The same surroundings with that root document. */
  public Surroundings withRoot(@Nullable Path file) {
    return new Surroundings(httpToLoopback, ownClients, leastLeeway, ownAddresses, file);
  }

  /** For a document of a broker whose other settings are not known. */
  public static Surroundings unknown(boolean httpToLoopback) {
    return new Surroundings(
        httpToLoopback, null, Duration.ZERO, Set.of(Target.OPERATORS_AUDIENCE), null);
  }

  private static Set<String> addresses(TokenSettings token) {
    return OwnIssuer.isUsable(token)
        ? OwnIssuer.addresses(OwnIssuer.of(token))
        : Set.of(Target.OPERATORS_AUDIENCE);
  }
}
