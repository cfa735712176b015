package dev.tokenbroker.peers.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.tls.runtime.config.TlsConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link RegistryTlsTest} says of the registry, of the settings without one. */
public class SettingsTlsTest {

  @AutoClose private static Vertx vertx;

  @TempDir Path directory;

  private final HttpClientOptions options = new HttpClientOptions();

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @Test
  void takes_trust_and_key_pair_of_a_named_configuration() {
    assertThat(tls("corp", "false").configure("corp", options)).isTrue();

    assertThat(options.getTrustOptions()).isNotNull();
    assertThat(options.getKeyCertOptions()).isNotNull();
    assertThat(options.getEnabledSecureTransportProtocols()).containsExactly("TLSv1.2");
  }

  @Test
  void takes_trust_alone_of_the_default_configuration() {
    assertThat(tls(null, "false").configure(null, options)).isTrue();

    assertThat(options.getTrustOptions()).isNotNull();
    assertThat(options.getKeyCertOptions()).isNull();
    assertThat(options.getEnabledSecureTransportProtocols())
        .isEqualTo(new HttpClientOptions().getEnabledSecureTransportProtocols());
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "corp")
  void takes_the_revocation_lists_along_with_the_trust(@Nullable String name) {
    assertThat(tls(name, "false").configure(name, options)).isTrue();

    assertThat(options.getCrlPaths()).containsExactly("revoked.pem");
  }

  @Test
  void says_that_a_configuration_is_not_there() {
    assertThat(tls(null, "false").configure("corp", options)).isFalse();
    assertThat(options.getTrustOptions()).isNull();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "corp")
  void refuses_to_trust_everybody(@Nullable String name) {
    assertThat(tls(name, "true").configure(name, options)).isFalse();
    assertThat(options.getTrustOptions()).isNull();
  }

  @Test
  void says_whether_the_default_configuration_has_a_key_pair() {
    assertThat(tls(null, "false").defaultHasKeys()).isTrue();
    assertThat(tls("corp", "false").defaultHasKeys()).isFalse();
  }

  private SettingsTls tls(@Nullable String name, String trustAll) {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "us", "localhost");
    String prefix = name == null ? "quarkus.tls." : "quarkus.tls." + name + ".";
    Map<String, String> properties = new HashMap<>();
    properties.put(prefix + "key-store.pem.0.cert", directory.resolve("us.crt").toString());
    properties.put(prefix + "key-store.pem.0.key", directory.resolve("us.key").toString());
    properties.put(prefix + "certificate-revocation-list", "revoked.pem");
    properties.put(prefix + "protocols", "TLSv1.2");
    properties.put(prefix + "trust-all", trustAll);
    properties.put(prefix + "trust-store.pem.certs", authority.writeRoot(directory).toString());
    return new SettingsTls(settings(properties), vertx);
  }

  /** The settings of the registry that these properties say. */
  public static TlsConfig settings(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(TlsConfig.class)
        .withMappingIgnore("quarkus.**")
        .withSources(new PropertiesConfigSource(properties, "test", 300))
        .build()
        .getConfigMapping(TlsConfig.class);
  }
}
