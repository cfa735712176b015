package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.peers.trust.TlsLookup;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Clients for tests, without the application server. */
public final class PeerClients {

  private PeerClients() {}

  /** The settings as values. */
  public record Settings(Duration fetchTimeout, boolean allowHttpToLoopback, Optional<String> proxy)
      implements PeerSettings {

    Settings(Duration fetchTimeout, boolean allowHttpToLoopback) {
      this(fetchTimeout, allowHttpToLoopback, Optional.empty());
    }
  }

  /** One that may speak http to loopback and gives up after that time. */
  public static PeerClient loopback(Vertx vertx, Duration timeout) {
    return trusting(vertx, timeout, Map.of());
  }

  /** One with named TLS configurations, each of which trusts one root certificate (PEM file). */
  public static PeerClient trusting(Vertx vertx, Duration timeout, Map<String, Path> roots) {
    return client(vertx, new Settings(timeout, true), roots, InetAddress::getAllByName);
  }

  /** The same, which reports the changes of certificates by that clock. */
  public static PeerClient reporting(
      Vertx vertx, Map<String, Path> roots, ChangeListener changes, InstantSource clock) {
    return client(
        vertx,
        new Settings(Duration.ofSeconds(20), true),
        roots,
        InetAddress::getAllByName,
        new PeerCertificates(changes, clock));
  }

  static PeerClient client(
      Vertx vertx, Settings settings, Map<String, Path> roots, HostResolver.Lookup lookup) {
    return client(vertx, settings, roots, lookup, noCertificates());
  }

  /** Compares certificates and tells nobody. */
  static PeerCertificates noCertificates() {
    return new PeerCertificates(ChangeListener.NONE, InstantSource.system());
  }

  private static PeerClient client(
      Vertx vertx,
      Settings settings,
      Map<String, Path> roots,
      HostResolver.Lookup lookup,
      PeerCertificates certificates) {
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
    return new PeerClient(
        settings,
        new HttpClients(vertx, settings.fetchTimeout(), tls),
        certificates,
        new HostResolver(lookup));
  }
}
