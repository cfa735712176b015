package dev.tokenbroker.runtime;

import dev.tokenbroker.upstream.ServerSettings;
import dev.tokenbroker.upstream.ServerTls;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * What the server has of certificates: both come from one place, as {@link ServerTls} tells, and
 * what stands in the other is not used.
 *
 * @param own whether it has one itself: without, it speaks no TLS at all
 * @param authorities whether it is told whose certificates to accept. One that is told nothing
 *     accepts those of all the public authorities, one that trusts everybody any
 */
record ServerCertificates(boolean own, boolean authorities) {

  private static final String WITHOUT_REGISTRY = "quarkus.http.ssl.certificate.";

  static ServerCertificates of(
      ServerSettings server, TlsConfigurationRegistry registry, Config config) {
    Optional<TlsConfiguration> byDefault =
        registry.getDefault().filter(one -> one.getKeyStoreOptions() != null);
    Optional<String> used = ServerTls.configuration(server, byDefault.isPresent());
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
