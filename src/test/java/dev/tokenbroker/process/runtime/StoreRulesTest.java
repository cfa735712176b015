package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.peers.store.StoreSettings;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreRulesTest {

  private static final String HOST_CHECK = "quarkus.redis.tls.hostname-verification-algorithm";

  @TempDir Path directory;

  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void share() throws IOException {
    Path key = Files.writeString(directory.resolve("key"), "k".repeat(32));
    settings.put("token-broker.store.shared", "true");
    settings.put("token-broker.store.key-files", key.toString());
    settings.put("quarkus.redis.hosts", "rediss://user:pass@valkey.example:6379");
    settings.put(HOST_CHECK, "HTTPS");
  }

  @Test
  void takes_a_store_with_key_and_checked_tls() {
    assertThat(severe()).isEmpty();
    assertThat(unsafe()).isEmpty();
  }

  @Test
  void takes_no_store_at_all() {
    settings.clear();
    assertThat(severe()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.store.key-files, /proc/none",
    "token-broker.store.prefix, Acme",
    "token-broker.store.replica-name, 'two words'",
    "token-broker.store.timeout-millis, 9",
    "token-broker.store.timeout-millis, 2001",
    "token-broker.store.max-concurrent, 15",
    "token-broker.store.cool-down-millis, 4001",
    "token-broker.store.wait-replicas, 17",
    "token-broker.store.wait-millis, 0",
    "token-broker.store.max-skew, 11s",
    "quarkus.redis.hosts, 'redis://valkey.example:6379'",
    "quarkus.redis.hosts, 'redis://user:pass@localhost.example:6379'",
    "quarkus.redis.hosts, 'redis://user:localhost@valkey.example'",
    "quarkus.redis.hosts, 'rediss://one.example,redis://two.example'",
    "quarkus.redis.hosts, ''",
    "quarkus.redis.hosts, 'rediss://user:p@ss@valkey.example:6379'",
    "quarkus.redis.hosts, 'rediss://user:12/ss@valkey.example:6379'",
    "quarkus.redis.hosts, 'rediss://user:12#ss@valkey.example:6379'",
    "quarkus.redis.hosts, 'rediss://user:12?ss@valkey.example:6379'",
    "quarkus.redis.hosts, 'rediss://user:100%ss@valkey.example:6379'",
    "quarkus.redis.tls.hostname-verification-algorithm, NONE",
    "quarkus.redis.tls.hostname-verification-algorithm, ''",
    "quarkus.redis.tls.trust-all, true",
    "quarkus.redis.tls-configuration-name, missing",
  })
  void does_not_start_with_this(String setting, String value) {
    settings.put(setting, value);
    assertThat(severe()).containsExactly(setting);
  }

  @Test
  void names_the_skew_and_the_leeway_that_is_less() {
    settings.put("token-broker.dpop.leeway", "4s");
    assertThat(StoreRules.unfit(config(), new NamedTls(false)))
        .singleElement()
        .satisfies(
            unfit -> assertThat(unfit.toString()).contains("max-skew", "PT5S", "leeway, PT4S"));
  }

  @Test
  void does_not_start_without_a_key() {
    settings.remove("token-broker.store.key-files");
    assertThat(severe()).containsExactly("token-broker.store.key-files");
  }

  @Test
  void does_not_start_with_settings_of_a_store_that_is_not_shared() {
    settings.remove("token-broker.store.shared");
    assertThat(severe()).containsExactly("quarkus.redis.hosts", "token-broker.store.key-files");
  }

  @Test
  void limits_the_wait_for_replicas_and_allows_none_in_a_cluster() {
    settings.put("token-broker.store.wait-replicas", "1");
    settings.put("token-broker.store.wait-millis", "200");
    assertThat(severe()).containsExactly("token-broker.store.wait-millis");
    settings.put("token-broker.store.wait-millis", "199");
    assertThat(severe()).isEmpty();
    settings.put("quarkus.redis.client-type", "cluster");
    assertThat(severe()).containsExactly("token-broker.store.wait-replicas");
  }

  @Test
  void asks_a_named_tls_configuration_for_the_host_check_too() {
    settings.put("quarkus.redis.tls-configuration-name", "unchecked");
    assertThat(severe()).containsExactly("quarkus.tls.unchecked.hostname-verification-algorithm");
    settings.put("quarkus.redis.tls-configuration-name", "checked");
    assertThat(severe()).isEmpty();
    settings.put("quarkus.redis.hosts", "redis://valkey.example:6379");
    assertThat(severe()).containsExactly("quarkus.redis.hosts");
  }

  @Test
  void demands_nonces_that_all_replicas_know() {
    settings.put("token-broker.dpop.nonce-required", "true");
    assertThat(severe()).containsExactly("token-broker.dpop.nonce-secret-file");
    settings.put("token-broker.dpop.nonce-secret-file", directory.resolve("key").toString());
    assertThat(severe()).isEmpty();
  }

  @Test
  void warns_of_an_address_without_tls_and_hides_the_password() {
    settings.put("quarkus.redis.hosts", "redis://user:pass@valkey.example:6379");
    settings.put("token-broker.store.allow-plain-tcp", "true");
    assertThat(severe()).isEmpty();
    assertThat(unsafe())
        .singleElement()
        .satisfies(
            warning ->
                assertThat(warning).startsWith("quarkus.redis.hosts has").doesNotContain("pass@"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://localhost",
        "redis://user:pass@127.0.0.1:6379",
        "redis://[::1]:6379/0",
        "unix:///run/valkey.sock"
      })
  void needs_no_tls_to_a_server_on_this_machine(String host) {
    settings.put("quarkus.redis.hosts", host);
    assertThat(severe()).isEmpty();
    assertThat(unsafe()).isEmpty();
  }

  @Test
  void does_not_start_if_default_tls_trusts_every_server() {
    assertThat(severe(new NamedTls(true))).containsExactly("quarkus.tls.trust-all");
    settings.put("quarkus.redis.tls-configuration-name", "checked");
    assertThat(severe(new NamedTls(true))).isEmpty();
  }

  private List<String> severe() {
    return severe(new NamedTls(false));
  }

  private List<String> severe(NamedTls tls) {
    return StoreRules.unfit(config(), tls).stream().map(UnfitSetting::setting).toList();
  }

  private List<String> unsafe() {
    return StoreRules.unsafe(config());
  }

  private SmallRyeConfig config() {
    return Settings.config(settings, StoreSettings.class, DpopSettings.class);
  }
}
