package dev.tokenbroker.outbound;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A document to be fetched.
 *
 * @param uri where; https unless the settings allow http to loopback
 * @param tls the TLS configuration that says whom to trust, by name; null for the default one
 * @param pastCaches whether caches on the way are told to ask the origin (RFC 9111 section 5.2.1.4)
 */
public record FetchRequest(URI uri, @Nullable String tls, boolean pastCaches) {

  /** One that a cache on the way may answer. */
  public FetchRequest(URI uri, @Nullable String tls) {
    this(uri, tls, false);
  }
}
