package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.evaluate.revocation.RevocationSettings;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.smallrye.config.SmallRyeConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifecycleRulesTest {

  private static final String THUMBPRINT = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
  private static final String CLIENT_AUTH = "token-broker.tls.client-auth";

  @Test
  void takes_the_defaults() {
    assertThat(severe(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.revocation.max-tokens, 0",
    "token-broker.revocation.max-tokens, 1000001",
    "token-broker.revocation.max-silence, 999ms",
    "token-broker.revocation.max-silence, 61s",
    "token-broker.revocation.path, /proc/revocations",
    "token-broker.access.introspection-certificates, CN=gateway",
    "token-broker.access.revocation-certificates, *",
  })
  void does_not_start_with_this(String setting, String value) {
    assertThat(severe(Map.of(setting, value, CLIENT_AUTH, "required")))
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.setting()).isEqualTo(setting));
  }

  @ParameterizedTest
  @CsvSource({"introspection, none, 1", "revocation, none, 1", "introspection, request, 0"})
  void lists_certificates_only_where_callers_are_asked_for_them(
      String right, String clientAuth, int refusals) {
    String setting = "token-broker.access." + right + "-certificates";

    assertThat(severe(Map.of(setting, THUMBPRINT, CLIENT_AUTH, clientAuth))).hasSize(refusals);
  }

  private static List<UnfitSetting> severe(Map<String, String> settings) {
    SmallRyeConfig config =
        Settings.config(
            settings, RevocationSettings.class, AccessSettings.class, TlsSettings.class);
    RevocationSettings revocation = config.getConfigMapping(RevocationSettings.class);
    LifecycleRules rules =
        new LifecycleRules(
            revocation,
            () -> new Revocations(revocation, new OneReplica(), new TestClock()),
            config.getConfigMapping(AccessSettings.class),
            config.getConfigMapping(TlsSettings.class));
    return Stream.concat(rules.severe().stream(), rules.unusableFile().stream()).toList();
  }
}
