package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.peers.trust.PeerTls;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The place where an issuer publishes its keys.
 *
 * @param issuer its identifier; a URL without query and fragment where discovery is used
 * @param jwksUri its key set; null to find it by OIDC discovery
 * @param tls the TLS configuration for fetching, by name; null for the default one
 * @param access how the broker identifies itself there
 */
public record KeyLocation(
    String issuer, @Nullable URI jwksUri, @Nullable String tls, KeyAccess access) {

  public KeyLocation {
    if (jwksUri == null && !(access instanceof KeyAccess.ApiServer) && !canBeDiscovered(issuer)) {
      throw new IllegalArgumentException(
          "an issuer must be a URL without query and fragment to be discovered: " + issuer);
    }
  }

  /** A place that anybody may read. */
  public KeyLocation(String issuer, @Nullable URI jwksUri, @Nullable String tls) {
    this(issuer, jwksUri, tls, new KeyAccess.Open());
  }

  /** The same place, at which the broker identifies itself in that way. */
  public KeyLocation withAccess(KeyAccess way) {
    return new KeyLocation(issuer, jwksUri, tls, way);
  }

  /** The URL of the discovery document. */
  URI discovery() {
    return access instanceof KeyAccess.ApiServer server
        ? server.discovery()
        : DiscoveryDocument.location(issuer);
  }

  /** Where the keys are, if the identifier of the issuer does not say it; else empty. */
  String place() {
    if (access instanceof KeyAccess.ApiServer server) {
      return server.server().toString();
    }
    return jwksUri == null ? "" : jwksUri.toString();
  }

  /** The identifier of the issuer and the place of its keys, for the log. */
  String label() {
    return access instanceof KeyAccess.ApiServer server
        ? issuer + " at " + server.server()
        : issuer;
  }

  /** Whom the broker trusts there. */
  PeerTls trusted() {
    Path caFile = access instanceof KeyAccess.ApiServer server ? server.caFile() : null;
    return caFile == null ? new PeerTls.ConfiguredTls(tls) : new PeerTls.TrustedFile(caFile);
  }

  /** Whether the broker can derive the URL of a discovery document from an issuer identifier. */
  public static boolean canBeDiscovered(String issuer) {
    try {
      URI uri = new URI(issuer);
      return uri.getHost() != null
          && ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null;
    } catch (URISyntaxException malformed) {
      return false;
    }
  }
}
