package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;

class CredentialSettingsTest {

  @Test
  void reads_credentials_of_16_kib_unless_told_otherwise() {
    CredentialSettings settings = settings(new SmallRyeConfigBuilder());

    assertThat(settings.maxSizeBytes()).isEqualTo(16 * 1024);
    assertThat(settings.maxSizeBytes()).isEqualTo(JwtVerifier.DEFAULT_MAX_SIZE_BYTES);
  }

  @Test
  void is_told_by_its_documented_key() {
    assertThat(
            settings(
                    new SmallRyeConfigBuilder()
                        .withDefaultValue("token-broker.credential.max-size", "32768"))
                .maxSizeBytes())
        .isEqualTo(32768);
  }

  private static CredentialSettings settings(SmallRyeConfigBuilder config) {
    return config
        .withMapping(CredentialSettings.class)
        .build()
        .getConfigMapping(CredentialSettings.class);
  }
}
