package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.issue.sts.UpstreamTokenSettings;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.operate.changes.ProbesSettings;
import io.smallrye.config.SmallRyeConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationRulesTest {

  @Test
  void takes_the_defaults() {
    assertThat(severe(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.issuer.key-cool-down, 99ms",
    "token-broker.issuer.key-cool-down, 61m",
    "token-broker.issuer.min-key-ttl, 999ms",
    "token-broker.issuer.max-key-ttl, 4m",
    "token-broker.issuer.max-key-ttl, 169h",
    "token-broker.issuer.max-stale, -1s",
    "token-broker.issuer.max-stale, 169h",
    "token-broker.upstream.max-token-lifetime, 999ms",
    "token-broker.upstream.max-token-lifetime, 8761h",
    "token-broker.shutdown.delay, -1s",
    "token-broker.shutdown.delay, 61m",
    "token-broker.shutdown.timeout, -1s",
    "token-broker.shutdown.timeout, 61m",
    "token-broker.probes.every, 9s",
    "token-broker.probes.every, 61m",
  })
  void does_not_start_with_this(String setting, String value) {
    assertThat(severe(Map.of(setting, value)))
        .singleElement()
        .satisfies(
            unfit -> {
              assertThat(unfit.setting()).isEqualTo(setting);
              assertThat(unfit.remedy()).startsWith("Set it to ");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.issuer.key-cool-down, 100ms",
    "token-broker.issuer.max-key-ttl, 5m",
    "token-broker.issuer.max-stale, 0s",
    "token-broker.upstream.max-token-lifetime, 1s",
    "token-broker.shutdown.delay, 0s",
    "token-broker.shutdown.timeout, 1h",
    "token-broker.probes.every, 10s",
    "token-broker.probes.every, PT1H",
    "token-broker.probes.every, 0s",
    "token-broker.probes.every, off",
  })
  void starts_at_the_bound(String setting, String value) {
    assertThat(severe(Map.of(setting, value))).isEmpty();
  }

  private static List<UnfitSetting> severe(Map<String, String> settings) {
    SmallRyeConfig config =
        Settings.config(
            settings,
            IssuerSettings.class,
            UpstreamTokenSettings.class,
            ShutdownSettings.class,
            ProbesSettings.class);
    return new DurationRules(
            config.getConfigMapping(IssuerSettings.class),
            config.getConfigMapping(UpstreamTokenSettings.class),
            config.getConfigMapping(ShutdownSettings.class),
            config.getConfigMapping(ProbesSettings.class))
        .severe();
  }
}
