package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.ServerTls;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.http.ClientAuth;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * The certificates that the server is configured with. Both come from one place, which {@link
 * ServerTls} chooses; settings in the other place are not used.
 *
 * @param own whether the server has its own certificate: without one, it speaks no TLS
 * @param authorities whether the settings name the authorities to accept. Without them the server
 *     accepts certificates of all public authorities; with trust-all it accepts any
 */
record ServerCertificates(boolean own, boolean authorities) {

  private static final String WITHOUT_REGISTRY = "quarkus.http.ssl.certificate.";

  static ServerCertificates of(
      ServerSettings server, TlsConfigurationRegistry registry, Config config) {
    Optional<String> used = ServerTls.configuration(server, registry);
    if (used.isEmpty()) {
      return new ServerCertificates(
          isAnySet(config, "files", "key-store-file"),
          isAnySet(config, "trust-store-file", "trust-store-files"));
    }
    return registry
        .get(used.get())
        .map(ServerCertificates::of)
        .orElse(new ServerCertificates(false, false));
  }

  /**
   * Settings of the HTTP server's TLS that the gRPC port cannot follow. One port would be less
   * protected than the other, so the broker does not start with them.
   */
  static List<UnfitSetting> unusableByGrpc(
      ServerSettings server, TlsConfigurationRegistry registry, Config config, ClientAuth asked) {
    Optional<String> used = ServerTls.configuration(server, registry);
    boolean hasLists =
        used.flatMap(registry::get).map(TlsConfiguration::getSSLOptions).stream()
            .anyMatch(ssl -> !ssl.getCrlPaths().isEmpty() || !ssl.getCrlValues().isEmpty());
    return new SettingLimits("")
        .demand(
            used.isPresent() || !isAnySet(config, "files", "key-store-file"),
            WITHOUT_REGISTRY + "*",
            "gives the HTTP port a certificate that the gRPC port cannot use.",
            "Set quarkus.tls.key-store instead: both ports use it.")
        .demand(
            !hasLists || asked == ClientAuth.NONE,
            "quarkus.tls.*.certificate-revocation-list",
            "is set, and the gRPC port checks no revocation lists.",
            "Remove it, and revoke callers by a new authority in the trust store.")
        .unfit();
  }

  private static ServerCertificates of(TlsConfiguration used) {
    return new ServerCertificates(
        used.getKeyStoreOptions() != null,
        used.getTrustStoreOptions() != null && !used.isTrustAll());
  }

  private static boolean isAnySet(Config config, String... keys) {
    return Stream.of(keys)
        .anyMatch(key -> config.getOptionalValue(WITHOUT_REGISTRY + key, String.class).isPresent());
  }
}
