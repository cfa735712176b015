package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.telemetry.Settings;
import io.quarkus.tls.BaseTlsConfiguration;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the server has its certificate from, and in whom it trusts by that. */
class ServerCertificatesTest {

  private static final String DEFAULT = "<default>";
  private static final Configuration PAIR = new Configuration(true, false, false);
  private static final Configuration TRUST = new Configuration(false, true, false);
  private static final Configuration BOTH = new Configuration(true, true, false);

  private final Map<String, TlsConfiguration> registry = new HashMap<>();
  private final Map<String, String> settings = new HashMap<>();
  private @Nullable String named;

  /** A configuration of the registry. */
  private static final class Configuration extends BaseTlsConfiguration {

    private final boolean keys;
    private final boolean trust;
    private final boolean trustAll;

    Configuration(boolean keys, boolean trust, boolean trustAll) {
      this.keys = keys;
      this.trust = trust;
      this.trustAll = trustAll;
    }

    @Override
    public @Nullable KeyCertOptions getKeyStoreOptions() {
      return keys ? new PemKeyCertOptions() : null;
    }

    @Override
    public @Nullable TrustOptions getTrustStoreOptions() {
      return trust ? new PemTrustOptions() : null;
    }

    @Override
    public boolean isTrustAll() {
      return trustAll;
    }
  }

  @Test
  void are_none_where_nothing_is_set() {
    assertThat(found()).isEqualTo(new ServerCertificates(false, false));
  }

  @Test
  void are_those_of_the_default_configuration_where_that_has_a_key() {
    registry.put(DEFAULT, BOTH);

    assertThat(found()).isEqualTo(new ServerCertificates(true, true));
  }

  @Test
  void are_not_those_of_a_default_configuration_without_a_key() {
    registry.put(DEFAULT, TRUST);

    assertThat(found()).isEqualTo(new ServerCertificates(false, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"files", "key-store-file"})
  void ignore_registry_trust_beside_a_certificate_of_the_server(String key) {
    settings.put("quarkus.http.ssl.certificate." + key, "us.crt");
    registry.put(DEFAULT, TRUST);

    assertThat(found()).isEqualTo(new ServerCertificates(true, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"trust-store-file", "trust-store-files"})
  void trust_whom_the_server_alone_names_beside_its_own_certificate(String key) {
    settings.put("quarkus.http.ssl.certificate.files", "us.crt");
    settings.put("quarkus.http.ssl.certificate." + key, "callers.crt");

    assertThat(found()).isEqualTo(new ServerCertificates(true, true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"trust-store-file", "trust-store-files"})
  void ignore_server_trust_beside_a_key_of_the_registry(String key) {
    settings.put("quarkus.http.ssl.certificate." + key, "callers.crt");
    registry.put(DEFAULT, PAIR);

    assertThat(found()).isEqualTo(new ServerCertificates(true, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"trust-store-file", "trust-store-files"})
  void come_only_from_the_configuration_that_the_server_names(String key) {
    settings.put("quarkus.http.ssl.certificate.files", "us.crt");
    settings.put("quarkus.http.ssl.certificate." + key, "callers.crt");
    registry.put(DEFAULT, BOTH);
    named = "edge";

    registry.put("edge", BOTH);
    assertThat(found()).isEqualTo(new ServerCertificates(true, true));
    registry.put("edge", PAIR);
    assertThat(found()).isEqualTo(new ServerCertificates(true, false));
    registry.put("edge", TRUST);
    assertThat(found()).isEqualTo(new ServerCertificates(false, true));
    registry.remove("edge");
    assertThat(found()).isEqualTo(new ServerCertificates(false, false));
  }

  @Test
  void trust_nobody_by_name_where_everybody_is_trusted() {
    registry.put(DEFAULT, new Configuration(true, true, true));

    assertThat(found()).isEqualTo(new ServerCertificates(true, false));
  }

  private ServerCertificates found() {
    return ServerCertificates.of(
        () -> Optional.ofNullable(named), new Registry(registry), Settings.config(settings));
  }

  private record Registry(Map<String, TlsConfiguration> configurations)
      implements TlsConfigurationRegistry {

    @Override
    public Optional<TlsConfiguration> get(String name) {
      return Optional.ofNullable(configurations.get(name));
    }

    @Override
    public Optional<TlsConfiguration> getDefault() {
      return get(DEFAULT);
    }

    @Override
    public void register(String name, TlsConfiguration configuration) {
      throw new UnsupportedOperationException();
    }
  }
}
