package dev.tokenbroker.peers.trust;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whom the broker trusts in calls of a peer, and the certificate that it shows there. */
public sealed interface PeerTls {

  /**
   * A TLS configuration of the deployment.
   *
   * @param name null for the default one
   */
  record ConfiguredTls(@Nullable String name) implements PeerTls {}

  /**
   * The authorities in a file, and no others. The broker shows no certificate. Each call reads the
   * file again, so a rotated authority takes effect at once.
   *
   * @param file one or more certificates (PEM); it may be absent until the first call
   */
  record TrustedFile(Path file) implements PeerTls {}
}
