package dev.tokenbroker.outbound;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A document to be fetched.
 *
 * @param uri the URL; https unless the settings allow http to loopback
 * @param tls the name of the TLS configuration to trust by; null for the default one
 * @param pastCaches whether caches on the way must ask the origin (RFC 9111 section 5.2.1.4)
 */
public record FetchRequest(URI uri, @Nullable String tls, boolean pastCaches) {

  /** A request that a cache on the way may answer. */
  public FetchRequest(URI uri, @Nullable String tls) {
    this(uri, tls, false);
  }
}
