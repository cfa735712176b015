package dev.tokenbroker.peers.http;

import dev.tokenbroker.peers.trust.PeerTls;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A document to be fetched.
 *
 * @param uri the URL; https unless the settings allow http to loopback
 * @param tls whom the broker trusts, and the certificate that it shows
 * @param pastCaches whether caches on the way must ask the origin (RFC 9111 section 5.2.1.4)
 * @param peer the peer whose certificate is compared; null to compare none
 * @param bearer the token that is presented; null for none. It goes to the origin of the URL only,
 *     since no redirect to another origin is followed
 * @param probe whether the fetch is a probe, so that it uses other connections than callers do
 */
public record FetchRequest(
    URI uri,
    PeerTls tls,
    boolean pastCaches,
    @Nullable Peer peer,
    @Nullable BearerToken bearer,
    boolean probe) {

  /**
   * A request that a cache on the way may answer.
   *
   * @param tls the name of the TLS configuration to trust by; null for the default one
   */
  public FetchRequest(URI uri, @Nullable String tls) {
    this(uri, tls, false);
  }

  /** As above; caches on the way must ask the origin if it is past caches. */
  public FetchRequest(URI uri, @Nullable String tls, boolean pastCaches) {
    this(uri, new PeerTls.ConfiguredTls(tls), pastCaches, null, null, false);
  }

  /** The same request with that TLS. */
  public FetchRequest withTls(PeerTls other) {
    return new FetchRequest(uri, other, pastCaches, peer, bearer, probe);
  }

  /** The same request of that peer. */
  public FetchRequest withPeer(Peer named) {
    return new FetchRequest(uri, tls, pastCaches, named, bearer, probe);
  }

  /** The same request with that token. */
  public FetchRequest withBearer(BearerToken token) {
    return new FetchRequest(uri, tls, pastCaches, peer, token, probe);
  }

  /** The same request as a probe. */
  public FetchRequest probing() {
    return new FetchRequest(uri, tls, pastCaches, peer, bearer, true);
  }
}
