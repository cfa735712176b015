package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.CacheSettings;
import dev.tokenbroker.evaluate.exchange.admission.AdmissionSettings;
import dev.tokenbroker.judge.credential.CredentialSettings;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.operate.recording.RecordingSettings;
import io.smallrye.config.SmallRyeConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitRulesTest {

  @Test
  void takes_the_defaults() {
    assertThat(severe(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.admission.max-in-flight, 0",
    "token-broker.admission.max-in-flight, 1000001",
    "token-broker.admission.target-delay, 9ms",
    "token-broker.admission.target-delay, 5001ms",
    "token-broker.admission.max-explanations, 0",
    "token-broker.admission.max-explanations, 10001",
    "token-broker.admission.max-introspections, 0",
    "token-broker.admission.max-introspections, 10001",
    "token-broker.admission.max-revocations, 0",
    "token-broker.admission.max-revocations, 10001",
    "token-broker.admission.max-verdict-reads, 0",
    "token-broker.admission.max-verdict-reads, 10001",
    "token-broker.admission.per-credential-rate, -1",
    "token-broker.admission.per-credential-burst, 0",
    "token-broker.admission.max-pushback, 0s",
    "token-broker.admission.max-pushback, 61s",
    "token-broker.cache.max-weight, 0",
    "token-broker.cache.max-weight, 17179869185",
    "token-broker.cache.negative-ttl, -1s",
    "token-broker.cache.negative-ttl, 61s",
    "token-broker.credential.max-size, 1023",
    "token-broker.credential.max-size, 65537",
    "token-broker.credential.max-used, 0",
    "token-broker.credential.max-used, 10000001",
    "token-broker.dpop.max-age, 999ms",
    "token-broker.dpop.max-age, 601s",
    "token-broker.dpop.leeway, -1s",
    "token-broker.dpop.leeway, 61s",
    "token-broker.dpop.max-remembered, 999",
    "token-broker.dpop.nonce-period, 9s",
    "token-broker.dpop.nonce-period, 3601s",
    "token-broker.recording.max-requests, 99",
    "token-broker.recording.max-bytes, 1048575",
    "token-broker.recording.max-bytes, 1073741825",
  })
  void does_not_start_with_this(String setting, String value) {
    assertThat(severe(Map.of(setting, value)))
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.setting()).isEqualTo(setting);
              assertThat(refusal.remedy()).startsWith("Set it to ");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.admission.max-in-flight, 1",
    "token-broker.admission.target-delay, 10ms",
    "token-broker.admission.target-delay, 5s",
    "token-broker.admission.max-explanations, 1",
    "token-broker.admission.max-verdict-reads, 10000",
    "token-broker.admission.per-credential-rate, 0",
    "token-broker.admission.max-pushback, 1m",
    "token-broker.cache.max-weight, 1048576",
    "token-broker.cache.negative-ttl, 0s",
    "token-broker.credential.max-size, 1024",
    "token-broker.credential.max-size, 65536",
    "token-broker.credential.max-used, 1",
    "token-broker.recording.max-bytes, 1048576",
  })
  void starts_at_the_bound(String setting, String value) {
    assertThat(severe(Map.of(setting, value))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.dpop.base-urls, broker.example",
    "token-broker.dpop.base-urls, 'https://broker.example,ftp://broker.example'",
    "token-broker.dpop.base-urls, https://broker.example/?query",
    "token-broker.dpop.nonce-secret-file, /no/such/file",
    "token-broker.dpop.nonce-secret-file, pom.xml",
    "token-broker.recording.path, recording.jsonl",
  })
  void does_not_start_with_what_cannot_be_used(String setting, String value) {
    assertThat(severe(Map.of(setting, value)))
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.setting()).isEqualTo(setting));
  }

  private static List<UnfitSetting> severe(Map<String, String> settings) {
    SmallRyeConfig config =
        Settings.config(
            settings,
            AdmissionSettings.class,
            CacheSettings.class,
            CredentialSettings.class,
            DpopSettings.class,
            RecordingSettings.class);
    return new LimitRules(
            config.getConfigMapping(AdmissionSettings.class),
            config.getConfigMapping(CacheSettings.class),
            config.getConfigMapping(CredentialSettings.class),
            config.getConfigMapping(DpopSettings.class),
            config.getConfigMapping(RecordingSettings.class))
        .severe();
  }
}
