package dev.tokenbroker.upstream;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A document to be fetched.
 *
 * @param uri where; https unless the settings allow http to loopback
 * @param tls the TLS configuration that says whom to trust, by name; null for the default one
 */
public record FetchRequest(URI uri, @Nullable String tls) {}
