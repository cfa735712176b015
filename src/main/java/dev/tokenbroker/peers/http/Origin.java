package dev.tokenbroker.peers.http;

import java.net.URI;
import java.util.Locale;

/** The origin of a URL (RFC 6454 section 4): who answers there gets what is sent there. */
public record Origin(String scheme, String host, int port) {

  /**
   * The origin of an address.
   *
   * @param url http or https, with a host
   */
  public static Origin of(URI url) {
    return new Origin(
        url.getScheme().toLowerCase(Locale.ROOT),
        url.getHost().toLowerCase(Locale.ROOT),
        PinnedCalls.port(url));
  }

  /** As a URL without a path, and without a port that its scheme implies. */
  @Override
  public String toString() {
    URI bare = URI.create(scheme + "://" + host);
    return PinnedCalls.port(bare) == port ? bare.toString() : bare + ":" + port;
  }
}
