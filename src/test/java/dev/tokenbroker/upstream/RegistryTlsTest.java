package dev.tokenbroker.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTlsTest {

  private static final PemTrustOptions TRUST = new PemTrustOptions().addCertPath("root.pem");
  private static final PemKeyCertOptions PAIR =
      new PemKeyCertOptions().addCertPath("us.crt").addKeyPath("us.key");

  private final HttpClientOptions options = new HttpClientOptions();

  @Test
  void takes_trust_and_key_pair_of_a_named_configuration() {
    RegistryTls tls = tls(new Registry(null, new Configuration(TRUST, false)));

    assertThat(tls.configure("corp", options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(TRUST);
    assertThat(options.getKeyCertOptions()).isEqualTo(PAIR);
    assertThat(options.getEnabledSecureTransportProtocols()).containsExactly("TLSv1.3");
  }

  @Test
  void takes_trust_alone_of_the_default_configuration() {
    RegistryTls tls = tls(new Registry(new Configuration(TRUST, false), null));

    assertThat(tls.configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(TRUST);
    assertThat(options.getKeyCertOptions()).isNull();
  }

  @Test
  void trusts_as_the_jvm_does_where_nothing_is_configured() {
    assertThat(tls(new Registry(null, null)).configure(null, options)).isTrue();
    assertThat(options.getTrustOptions()).isNull();
  }

  @Test
  void trusts_as_the_system_does_where_that_is_told(@TempDir Path directory) {
    Path bundle = TestTls.generate().writeRoot(directory);
    SystemTrust system = SystemTrust.of(null, List.of("/nowhere.pem", bundle.toString()));

    assertThat(new RegistryTls(new Registry(null, null), system).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions())
        .isEqualTo(new PemTrustOptions().addCertPath(bundle.toString()));
  }

  @Test
  void trusts_the_file_of_the_environment_before_that_of_the_system(@TempDir Path directory) {
    Path named = TestTls.generate().writeRoot(directory);

    assertThat(SystemTrust.of(named.toString(), List.of("/etc/hosts")).options())
        .contains(new PemTrustOptions().addCertPath(named.toString()));
    assertThat(SystemTrust.of("/nowhere.pem", List.of(named.toString())).options())
        .contains(new PemTrustOptions().addCertPath(named.toString()));
    assertThat(SystemTrust.of("", List.of()).options()).isEmpty();
  }

  @Test
  void goes_by_the_default_configuration_before_the_system(@TempDir Path directory) {
    Path bundle = TestTls.generate().writeRoot(directory);
    SystemTrust system = SystemTrust.of(bundle.toString(), List.of());
    Registry registry = new Registry(new Configuration(TRUST, false), null);

    assertThat(new RegistryTls(registry, system).configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(TRUST);
  }

  @Test
  void refuses_a_name_that_is_not_configured() {
    assertThat(tls(new Registry(null, null)).configure("corp", options)).isFalse();
  }

  @Test
  void refuses_to_trust_everybody() {
    Configuration blind = new Configuration(TRUST, true);
    RegistryTls tls = tls(new Registry(blind, blind));

    assertThat(tls.configure("corp", options)).isFalse();
    assertThat(tls.configure(null, options)).isTrue();
    assertThat(options.getTrustOptions()).isNull();
  }

  private static RegistryTls tls(Registry registry) {
    return new RegistryTls(registry, SystemTrust.of(null, List.of()));
  }

  private record Registry(@Nullable TlsConfiguration byDefault, @Nullable TlsConfiguration corp)
      implements TlsConfigurationRegistry {

    @Override
    public Optional<TlsConfiguration> get(String name) {
      return name.equals("corp") ? Optional.ofNullable(corp) : Optional.empty();
    }

    @Override
    public Optional<TlsConfiguration> getDefault() {
      return Optional.ofNullable(byDefault);
    }

    @Override
    public void register(String name, TlsConfiguration configuration) {
      throw new UnsupportedOperationException();
    }
  }

  private record Configuration(TrustOptions trust, boolean isTrustAll) implements TlsConfiguration {

    @Override
    public @Nullable KeyStore getKeyStore() {
      return null;
    }

    @Override
    public KeyCertOptions getKeyStoreOptions() {
      return PAIR;
    }

    @Override
    public @Nullable KeyStore getTrustStore() {
      return null;
    }

    @Override
    public TrustOptions getTrustStoreOptions() {
      return trust;
    }

    @Override
    public SSLOptions getSSLOptions() {
      return new SSLOptions().setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
    }

    @Override
    public SSLContext createSSLContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> getHostnameVerificationAlgorithm() {
      return Optional.of("NONE");
    }

    @Override
    public boolean usesSni() {
      return false;
    }

    @Override
    public boolean reload() {
      return false;
    }
  }
}
