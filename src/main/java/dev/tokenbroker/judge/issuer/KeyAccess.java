package dev.tokenbroker.judge.issuer;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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
   * @param caFile the authorities of its certificate (PEM); null to trust as other calls do
   */
  record ApiServer(URI server, Path tokenFile, @Nullable Path caFile) implements KeyAccess {

    /** The URL of the discovery document. */
    URI discovery() {
      return DiscoveryDocument.location(server.toString());
    }

    /**
     * The URL of the key set. The discovery document may name an address that only the API servers
     * themselves reach (KEP-1393).
     */
    URI keySet() {
      return below(server, "/openid/v1/jwks");
    }
  }

  /**
   * An issuer that serves its documents to authenticated callers only. The broker presents its own
   * token.
   *
   * @param client the client of {@code quarkus.oidc-client} that gets the token
   */
  record OwnToken(String client) implements KeyAccess {}

  /** The URL of a path below that of an API server: a trailing slash is not doubled. */
  static URI below(URI server, String path) {
    String base = server.toString();
    return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
  }
}
