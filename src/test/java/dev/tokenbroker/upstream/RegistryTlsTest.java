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
import java.security.KeyStore;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RegistryTlsTest {

  private static final PemTrustOptions TRUST = new PemTrustOptions().addCertPath("root.pem");
  private static final PemKeyCertOptions PAIR =
      new PemKeyCertOptions().addCertPath("us.crt").addKeyPath("us.key");

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

  @Test
  void trusts_as_the_jvm_does_where_nothing_is_configured() {
    assertThat(new RegistryTls(new Registry(null, null)).configure(null, options)).isTrue();
    assertThat(options.getTrustOptions()).isNull();
  }

  @Test
  void refuses_a_name_that_is_not_configured() {
    assertThat(new RegistryTls(new Registry(null, null)).configure("corp", options)).isFalse();
  }

  @Test
  void refuses_to_trust_everybody() {
    Configuration blind = new Configuration(TRUST, true);
    RegistryTls tls = new RegistryTls(new Registry(blind, blind));

    assertThat(tls.configure("corp", options)).isFalse();
    assertThat(tls.configure(null, options)).isTrue();
    assertThat(options.getTrustOptions()).isNull();
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
