package dev.tokenbroker.peers.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OwnClientRulesTest {

  private static final String PREFIX = "quarkus.oidc-client.idp.";

  private final Map<String, String> settings =
      new HashMap<>(Map.of("token-path", "https://idp.example/token", "client-id", "broker"));

  static Stream<Arguments> unfit() {
    return Stream.of(
        arguments("token-path", "/token", "token-path"),
        arguments("token-path", "http://idp.example/token", "token-path"),
        arguments("token-path", "http://localhost/token", "token-path"),
        arguments("token-path", "https://broker:hunter2@idp.example/token", "token-path"),
        arguments("client-id", null, "client-id"),
        arguments("connection-retry-count", "3", "connection-retry-count"),
        arguments("follow-redirects", "true", "follow-redirects"),
        arguments("grant.type", "password", "grant.type"),
        arguments("tls.verification", "none", "tls.verification"),
        arguments(
            "credentials.client-secret.provider.keyring-name",
            "/none",
            "credentials.client-secret.provider.keyring-name"),
        arguments("credentials.jwt.token-path", "/none", "credentials.jwt.token-path"),
        arguments("credentials.jwt.source", "bearer", "credentials.jwt.token-path"),
        arguments("credentials.jwt.source", "spiffe-jwt", "credentials.jwt.source"),
        arguments("absolute-expires-in", "true", "absolute-expires-in"),
        arguments("access-token-expires-in", "5m", "access-token-expires-in"),
        arguments("grant.access-token-property", "id_token", "grant.access-token-property"),
        arguments("grant.expires-in-property", "expiry", "grant.expires-in-property"));
  }

  @ParameterizedTest
  @MethodSource("unfit")
  void names_the_unfit_setting(String key, String value, String named) {
    settings.put(key, value);

    assertThat(OwnClientRules.unfit("idp", false, settings::get))
        .extracting(UnfitSetting::setting)
        .contains(PREFIX + named);
  }

  @Test
  void accepts_an_own_address_or_a_path_but_not_discovery() {
    assertThat(OwnClientRules.unfit("idp", false, settings::get)).isEmpty();
    settings.putAll(Map.of("token-path", "/token", "auth-server-url", "https://idp.example"));
    assertThat(OwnClientRules.unfit("idp", false, settings::get)).isEmpty();

    settings.put("discovery-enabled", "true");

    assertThat(OwnClientRules.unfit("idp", false, settings::get))
        .extracting(UnfitSetting::setting)
        .containsExactly(PREFIX + "discovery-enabled");
  }

  @Test
  void http_is_for_this_host_where_it_is_allowed() {
    settings.put("token-path", "http://localhost:8080/token");

    assertThat(OwnClientRules.unfit("idp", true, settings::get)).isEmpty();
  }

  @Test
  void refuses_a_name_that_no_document_could_have() {
    assertThat(OwnClientRules.unfit("Corp IdP", false, settings::get)).hasSize(1);
  }

  @Test
  void a_client_has_the_broker_defaults_and_is_off_while_unfit(@TempDir Path directory)
      throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "s3cret");
    settings.put("credentials.client-secret.provider.keyring-name", secret.toString());
    settings.put("credentials.client-secret.provider.key", "secret");

    assertThat(setting("client-enabled")).isNull();
    assertThat(setting("connection-retry-count")).isEqualTo("1");
    assertThat(setting("discovery-enabled")).isEqualTo("false");
    assertThat(setting("follow-redirects")).isEqualTo("false");

    settings.put("connection-retry-count", "2");
    assertThat(setting("connection-retry-count")).isEqualTo("2");
    assertThat(setting("client-enabled")).isEqualTo("false");
  }

  private String setting(String key) {
    Map<String, String> properties = new HashMap<>();
    settings.forEach((name, value) -> properties.put(PREFIX + name, value));
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(properties, "test", 100))
            .withInterceptors(new OwnClientDefaults())
            .build();
    return config.getConfigValue(PREFIX + key).getValue();
  }
}
