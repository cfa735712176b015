package dev.tokenbroker.peers.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.tls.BaseTlsConfiguration;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.TrustOptions;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

public class RegistryTlsTest {

  private static final PemTrustOptions TRUST = new PemTrustOptions().addCertPath("root.pem");
  private static final PemKeyCertOptions PAIR =
      new PemKeyCertOptions().addCertPath("us.crt").addKeyPath("us.key");
  private static final Buffer REVOKED = Buffer.buffer("list");

  private final HttpClientOptions options = new HttpClientOptions();

  @Test
  void takes_trust_and_key_pair_of_a_named_configuration() {
    RegistryTls tls = new RegistryTls(new Registry(null, new Configuration(TRUST, false)));

    assertThat(tls.configure("corp", options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(TRUST);
    assertThat(options.getKeyCertOptions()).isEqualTo(PAIR);
    assertThat(options.getEnabledSecureTransportProtocols()).containsExactly("TLSv1.3");
  }

  @Test
  void takes_trust_alone_of_the_default_configuration() {
    RegistryTls tls = new RegistryTls(new Registry(new Configuration(TRUST, false), null));

    assertThat(tls.configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isEqualTo(TRUST);
    assertThat(options.getKeyCertOptions()).isNull();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "corp")
  void takes_the_revocation_lists_along_with_the_trust(@Nullable String name) {
    Configuration both = new Configuration(TRUST, false, List.of(REVOKED));

    assertThat(new RegistryTls(new Registry(both, both)).configure(name, options)).isTrue();

    assertThat(options.getCrlValues()).containsExactly(REVOKED);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "corp")
  void says_that_a_configuration_is_not_there(@Nullable String name) {
    assertThat(new RegistryTls(new Registry(null, null)).configure(name, options)).isFalse();
    assertThat(options.getTrustOptions()).isNull();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "corp")
  void refuses_to_trust_everybody(@Nullable String name) {
    Configuration blind = new Configuration(TRUST, true);

    assertThat(new RegistryTls(new Registry(blind, blind)).configure(name, options)).isFalse();
    assertThat(options.getTrustOptions()).isNull();
  }

  @Test
  void says_whether_the_default_configuration_has_a_key_pair() {
    Configuration pair = new Configuration(TRUST, false);

    assertThat(new RegistryTls(new Registry(pair, null)).defaultHasKeys()).isTrue();
    assertThat(new RegistryTls(new Registry(new BaseTlsConfiguration() {}, pair)).defaultHasKeys())
        .isFalse();
    assertThat(new RegistryTls(new Registry(null, pair)).defaultHasKeys()).isFalse();
  }

  /** A registry with a default configuration and one that is named corp. */
  public record Registry(@Nullable TlsConfiguration byDefault, @Nullable TlsConfiguration corp)
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

  /** A configuration with that trust and a key pair. */
  public record Configuration(TrustOptions trust, boolean isTrustAll, List<Buffer> revoked)
      implements TlsConfiguration {

    public Configuration(TrustOptions trust, boolean isTrustAll) {
      this(trust, isTrustAll, List.of());
    }

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
      SSLOptions ssl = new SSLOptions().setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
      revoked.forEach(ssl::addCrlValue);
      return ssl;
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
