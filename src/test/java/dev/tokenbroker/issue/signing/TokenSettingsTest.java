package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.issue.signing.TokenSettings.MintingAlgorithmConverter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenSettingsTest {

  @Test
  void has_these_keys_and_defaults() {
    TokenSettings settings = settings(Map.of());
    assertThat(settings.issuer()).isEmpty();
    assertThat(settings.algorithm()).isEqualTo(SigningAlgorithm.ES256);
    assertThat(settings.keyFiles()).isEmpty();
    assertThat(settings.keyFilePollInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.rotationPeriod()).isEqualTo(Duration.ofHours(24));
    assertThat(settings.publishBefore()).isEqualTo(Duration.ofMinutes(15));
    assertThat(settings.jwksMaxAge()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.maxLifetime()).isEqualTo(Duration.ofHours(1));
    assertThat(Arrays.stream(TokenSettings.class.getMethods()).map(method -> method.getName()))
        .hasSize(8);
  }

  @Test
  void reads_each_key() {
    TokenSettings settings =
        settings(
            Map.of(
                "token-broker.token.issuer", "https://broker.example",
                "token-broker.token.algorithm", "EdDSA",
                "token-broker.token.key-files", "/keys/new.pem,/keys/old.pem",
                "token-broker.token.key-file-poll-interval", "1s",
                "token-broker.token.rotation-period", "48h",
                "token-broker.token.publish-before", "30m",
                "token-broker.token.jwks-max-age", "10m",
                "token-broker.token.max-lifetime", "20m"));
    assertThat(settings.issuer()).contains("https://broker.example");
    assertThat(settings.algorithm()).isEqualTo(SigningAlgorithm.EDDSA);
    assertThat(settings.keyFiles().orElseThrow())
        .containsExactly(Path.of("/keys/new.pem"), Path.of("/keys/old.pem"));
    assertThat(settings.keyFilePollInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.rotationPeriod()).isEqualTo(Duration.ofDays(2));
    assertThat(settings.publishBefore()).isEqualTo(Duration.ofMinutes(30));
    assertThat(settings.jwksMaxAge()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.maxLifetime()).isEqualTo(Duration.ofMinutes(20));
  }

  @Test
  void refuses_an_algorithm_that_tokens_are_not_minted_with() {
    MintingAlgorithmConverter converter = new MintingAlgorithmConverter();
    for (String name : new String[] {"HS256", "none", "es256", "PS256", "EDDSA", ""}) {
      assertThatThrownBy(() -> converter.convert(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("token-broker.token.algorithm must be ES256, EdDSA or RS256");
    }
  }

  private static TokenSettings settings(Map<String, String> values) {
    return Settings.of(TokenSettings.class, values);
  }
}
