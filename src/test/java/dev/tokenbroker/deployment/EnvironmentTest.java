package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.tls.runtime.config.TlsConfig;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Reads the environment variables that are shipped and documented as the broker does: a name that
 * is spelt differently is no error there, it is just not heard, and the server would speak no TLS.
 */
class EnvironmentTest {

  private static final Pattern VARIABLE = Pattern.compile("(QUARKUS_TLS_\\w+)=(\\S+)");

  @Test
  void gives_the_broker_in_kubernetes_its_certificate() {
    Manifests manifests = Manifests.shipped();
    Map<String, String> environment = new HashMap<>();
    for (Map<String, Object> variable : manifests.environment()) {
      environment.put(
          String.valueOf(variable.get("name")), String.valueOf(variable.getOrDefault("value", "")));
    }
    assertHasCertificate(environment);
  }

  @Test
  void gives_the_broker_its_certificate_as_documented() {
    Map<String, String> environment = new HashMap<>();
    Matcher variables = VARIABLE.matcher(Documents.text(Path.of("src/docs/operate/settings.md")));
    while (variables.find()) {
      environment.put(variables.group(1), variables.group(2));
    }
    assertHasCertificate(environment);
    assertThat(tls(environment).defaultCertificateConfig().orElseThrow().trustStore()).isPresent();
  }

  @Test
  void gives_the_broker_of_compose_the_authority_of_its_keycloak() {
    Map<String, String> environment = new HashMap<>();
    Documents.map(Documents.one(Path.of("docker/compose.yaml")), "services.broker.environment")
        .forEach((name, value) -> environment.put(name, String.valueOf(value)));
    assertThat(tls(environment).namedCertificateConfig())
        .hasEntrySatisfying(
            "keycloak",
            keycloak ->
                assertThat(keycloak.trustStore().orElseThrow().pem().orElseThrow().certs())
                    .isPresent());
  }

  private static void assertHasCertificate(Map<String, String> environment) {
    assertThat(tls(environment).defaultCertificateConfig().orElseThrow().keyStore().orElseThrow())
        .satisfies(
            keyStore ->
                assertThat(keyStore.pem().orElseThrow().keyCerts())
                    .hasEntrySatisfying(
                        "0",
                        pair -> {
                          assertThat(pair.cert().toString()).endsWith("tls.crt");
                          assertThat(pair.key().toString()).endsWith("tls.key");
                        }));
  }

  private static TlsConfig tls(Map<String, String> environment) {
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(TlsConfig.class)
            .withMappingIgnore("quarkus.**")
            .withSources(new EnvConfigSource(environment, 300))
            .build();
    return config.getConfigMapping(TlsConfig.class);
  }
}
