package dev.tokenbroker.issuer;

import java.net.URI;
import java.nio.file.Path;

/**
 * How the broker identifies itself where an issuer publishes its keys. A value: it is a part of
 * {@link KeyLocation}, the key of a key source.
 */
public sealed interface KeyAccess {

  /** Anybody may read the keys, so the broker presents nothing. */
  record Open() implements KeyAccess {}

  /**
   * A Kubernetes API server, which publishes the keys of its service account tokens for
   * authenticated callers.
   *
   * @param server its URL; the paths of both documents are appended to it
   * @param tokenFile the file with the broker's own service account token, which rotates
   */
  record ApiServer(URI server, Path tokenFile) implements KeyAccess {

    private static final String KEY_SET = "/openid/v1/jwks";

    /** The URL of the discovery document. */
    URI discovery() {
      return DiscoveryDocument.location(server.toString());
    }

    /**
     * The URL of the key set. The discovery document may name an address that only the API servers
     * themselves reach (KEP-1393).
     */
    URI keySet() {
      String base = server.toString();
      return URI.create(
          (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + KEY_SET);
    }
  }
}
