package dev.tokenbroker.peers.trust;

import io.vertx.core.http.HttpClientOptions;
import org.jspecify.annotations.Nullable;

/** The source of named TLS configurations; hides the registry of the application server. */
@FunctionalInterface
public interface TlsLookup {

  /**
   * Puts trust and our own certificate into the options of a client. The default configuration
   * gives only its trust: its key pair is the server's, and no peer sees it unless a named
   * configuration says so.
   *
   * @param name the configuration, or null for the default one
   * @return false where no configuration has that name, or where it must not be used
   */
  boolean configure(@Nullable String name, HttpClientOptions options);

  /** Whether the default configuration has a key pair; by default it has none. */
  default boolean defaultHasKeys() {
    return false;
  }
}
