package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.oauth.OwnClientDefaults;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnClientsTest {

  private static final String TLS_NAME = "quarkus.oidc-client.idp.tls.tls-configuration-name";

  private final Map<String, String> settings =
      new HashMap<>(
          Map.of(
              "quarkus.oidc-client.idp.token-path",
              "https://idp.example/token",
              "quarkus.oidc-client.idp.client-id",
              "broker"));

  @Test
  void sends_no_secret_to_a_server_that_is_not_checked() {
    assertThat(unfit(false)).isEmpty();
    assertThat(unfit(true)).containsExactly("quarkus.tls.trust-all");

    settings.put(TLS_NAME, "checked");
    assertThat(unfit(true)).isEmpty();
    settings.put(TLS_NAME, "unchecked");
    assertThat(unfit(false))
        .containsExactly("quarkus.tls.unchecked.hostname-verification-algorithm");
    settings.put(TLS_NAME, "trusting");
    assertThat(unfit(false)).containsExactly("quarkus.tls.trusting.trust-all");
    settings.put(TLS_NAME, "missing");
    assertThat(unfit(false)).containsExactly(TLS_NAME);
  }

  private List<String> unfit(boolean trustAll) {
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withInterceptors(new OwnClientDefaults())
            .withMapping(OidcClientsConfig.class)
            .withSources(new PropertiesConfigSource(settings, "test", 500))
            .build();
    return OwnClients.unfit(config, new NamedTls(trustAll), false).stream()
        .map(UnfitSetting::setting)
        .toList();
  }
}
