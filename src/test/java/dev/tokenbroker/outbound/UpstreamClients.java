package dev.tokenbroker.outbound;

import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Clients for tests, without the application server. */
public final class UpstreamClients {

  private UpstreamClients() {}

  /** The settings as values. */
  public record Settings(Duration fetchTimeout, boolean allowHttpToLoopback, Optional<String> proxy)
      implements UpstreamSettings {

    Settings(Duration fetchTimeout, boolean allowHttpToLoopback) {
      this(fetchTimeout, allowHttpToLoopback, Optional.empty());
    }
  }

  /** One that may speak http to loopback and gives up after that time. */
  public static UpstreamClient loopback(Vertx vertx, Duration timeout) {
    return trusting(vertx, timeout, Map.of());
  }

  /** One with named TLS configurations, each of which trusts one root certificate (PEM file). */
  public static UpstreamClient trusting(Vertx vertx, Duration timeout, Map<String, Path> roots) {
    return client(vertx, new Settings(timeout, true), roots, InetAddress::getAllByName);
  }

  static UpstreamClient client(
      Vertx vertx, Settings settings, Map<String, Path> roots, HostResolver.Lookup lookup) {
    TlsLookup tls =
        (name, options) -> {
          if (name == null) {
            return true;
          }
          Path root = roots.get(name);
          if (root == null) {
            return false;
          }
          options.setTrustOptions(new PemTrustOptions().addCertPath(root.toString()));
          return true;
        };
    return new UpstreamClient(
        settings,
        new HttpClients(vertx, settings.fetchTimeout(), tls),
        new HostResolver(lookup),
        InstantSource.system());
  }
}
