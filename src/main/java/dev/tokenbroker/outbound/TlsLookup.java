package dev.tokenbroker.outbound;

import io.vertx.core.http.HttpClientOptions;
import org.jspecify.annotations.Nullable;

/** Where named TLS configurations come from; fences off the registry of the application server. */
@FunctionalInterface
interface TlsLookup {

  /**
   * Puts whom to trust, and who we are, into the options of a client. Of the default configuration
   * only whom to trust: its key pair is the one we serve with, and it is shown to nobody unless a
   * named configuration says so.
   *
   * @param name the configuration, or null for the default one
   * @return false where there is none of that name, or where it must not be used
   */
  boolean configure(@Nullable String name, HttpClientOptions options);

  /** Whether the default configuration has a key pair; it has none unless that is said. */
  default boolean defaultHasKeys() {
    return false;
  }
}
