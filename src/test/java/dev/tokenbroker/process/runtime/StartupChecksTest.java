package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.edge.ProxySettings;
import dev.tokenbroker.edges.telemetry.AuditLog;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.evaluate.revocation.RevocationSettings;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.trust.TlsSettings;
import dev.tokenbroker.process.runtime.SettingsRules.FeatureRule;
import io.quarkus.runtime.LaunchMode;
import io.smallrye.config.SmallRyeConfig;
import io.vertx.core.http.ClientAuth;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartupChecksTest {

  private final Map<String, String> settings =
      new HashMap<>(
          Map.of(
              "token-broker.token.issuer", "https://broker.example",
              "token-broker.federation.path", "federation.yaml"));

  @Test
  void starts_with_the_defaults_once_issuer_and_document_are_named() {
    assertThat(severe(LaunchMode.NORMAL)).isEmpty();
    assertThat(unsafe(PlainHttp.REFUSED)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.access.operators-on-loopback, true",
    "token-broker.federation.path, ''",
    "token-broker.token.issuer, ''",
    "token-broker.token.issuer, broker",
    "token-broker.dpop.base-urls, broker.example",
    "token-broker.dpop.base-urls, 'https://broker.example,ftp://broker.example'",
    "token-broker.dpop.base-urls, https://broker.example/?query",
    "token-broker.dpop.nonce-secret-file, /no/such/file",
    "token-broker.dpop.nonce-secret-file, pom.xml",
    "token-broker.recording.path, recording.jsonl",
  })
  void does_not_start_with_this(String setting, String value) {
    settings.put(setting, value);
    assertThat(severe(LaunchMode.NORMAL)).containsExactly(setting);
  }

  /** Each setting with values that it may not have, and with others that it may have. */
  @ParameterizedTest
  @CsvSource({
    "exchange.max-duration, 99ms 60001ms, 100ms 1m",
    "exchange.max-verdicts, -1 1000001, 0 1000000",
    "exchange.verdict-ttl, 999ms 86401s, 1s 24h",
    "federation.poll-interval, -1s 99ms, 0s",
    "federation.candidate-share, 0 -0.1 1.01 NaN, 0.0001 1",
    "token.jwks-max-age, -1s, ",
    "token.key-file-poll-interval, 0s, ",
    "token.max-lifetime, 0s 61m, 1s 1h",
    "token.publish-before, 4m, 305s",
    "token.rotation-period, 14m, 15m",
    "upstream.fetch-timeout, 99ms 61s, 1m",
    "upstream.guard.max-attempts, 0, ",
    "revocation.max-tokens, 0 1000001, ",
    "revocation.max-silence, 999ms 61s, ",
  })
  void starts_with_values_within_bounds(String name, @Nullable String unfit, @Nullable String fit) {
    String setting = "token-broker." + name;
    for (String value : words(unfit)) {
      settings.put(setting, value);
      assertThat(severe(LaunchMode.NORMAL)).as(value).containsExactly(setting);
    }
    for (String value : words(fit)) {
      settings.put(setting, value);
      assertThat(severe(LaunchMode.NORMAL)).as(value).isEmpty();
    }
  }

  private static String[] words(@Nullable String text) {
    return text == null ? new String[0] : text.split(" ", -1);
  }

  @ParameterizedTest
  @CsvSource({
    "admission.max-in-flight, 0 1000001, 1",
    "admission.target-delay, 9ms 5001ms, 10ms 5s",
    "admission.max-explanations, 0 10001, 1",
    "admission.max-introspections, 0 10001, ",
    "admission.max-revocations, 0 10001, ",
    "admission.max-verdict-reads, 0 10001, 10000",
    "admission.per-credential-rate, -1, 0",
    "admission.per-credential-burst, 0, ",
    "admission.max-pushback, 0s 61s, 1m",
    "cache.max-weight, 0 17179869185, 1048576",
    "cache.negative-ttl, -1s 61s, 0s",
    "credential.max-size, 1023 65537, 1024 65536",
    "credential.max-used, 0 10000001, 1",
    "dpop.max-age, 999ms 601s, ",
    "dpop.leeway, -1s 61s, ",
    "dpop.max-remembered, 999, ",
    "dpop.nonce-period, 9s 3601s, ",
    "recording.max-requests, 99, ",
    "recording.max-bytes, 1048575 1073741825, 1048576",
    "issuer.key-cool-down, 99ms 61m, 100ms",
    "issuer.min-key-ttl, 999ms, ",
    "issuer.max-key-ttl, 4m 169h, 5m",
    "issuer.max-stale, -1s 169h, 0s",
    "upstream.max-token-lifetime, 999ms 8761h, 1s",
    "shutdown.delay, -1s 61m, 0s",
    "shutdown.timeout, -1s 61m, 1h",
    "probes.every, 9s 61m, 10s PT1H 0s off",
  })
  void says_which_values_it_starts_with(String name, String unfit, @Nullable String fit) {
    starts_with_values_within_bounds(name, unfit, fit);
    for (String value : words(unfit)) {
      settings.put("token-broker." + name, value);
      assertThat(unfit(LaunchMode.NORMAL))
          .singleElement()
          .satisfies(one -> assertThat(one.remedy()).startsWith("Set it to "));
    }
  }

  @Test
  void operators_on_loopback_are_let_be_in_dev_mode() {
    settings.put("token-broker.access.operators-on-loopback", "true");
    assertThat(severe(LaunchMode.DEVELOPMENT)).isEmpty();
  }

  @Test
  void does_not_start_without_an_audit_log() {
    Logger audit = Logger.getLogger(AuditLog.CATEGORY);
    Level level = audit.getLevel();
    audit.setLevel(Level.WARNING);
    try {
      assertThat(severe(LaunchMode.NORMAL)).isEmpty();
      settings.put("token-broker.audit.to", "log");
      assertThat(severe(LaunchMode.NORMAL))
          .containsExactly("quarkus.log.category.\"dev.tokenbroker.audit\".level");
    } finally {
      audit.setLevel(level);
    }
  }

  @Test
  void does_not_start_with_a_file_of_revocations_that_it_cannot_use() {
    settings.put("token-broker.revocation.path", "/proc/revocations");
    RevocationSettings revocation = config().getConfigMapping(RevocationSettings.class);

    assertThat(new Revocations(revocation, new OneReplica(), new TestClock()).unusable())
        .map(UnfitSetting::setting)
        .contains("token-broker.revocation.path");
  }

  @Test
  void names_all_that_is_wrong_at_once_and_what_to_do() {
    settings.put("token-broker.exchange.max-verdicts", "-1");
    settings.put("token-broker.federation.poll-interval", "-1s");
    assertThat(StartupChecks.describe(unfit(LaunchMode.NORMAL)))
        .contains("token-broker.exchange.max-verdicts: is -1. Set it to 0 at least")
        .contains("token-broker.federation.poll-interval: is shorter than 100 ms. Set it to");
  }

  @Test
  void names_no_user_and_password_of_a_url() {
    settings.put("token-broker.dpop.base-urls", "https://user:hunt/er@2@broker.example/?query");

    assertThat(StartupChecks.describe(unfit(LaunchMode.NORMAL)))
        .contains("contains https://***@broker.example/?query,")
        .doesNotContain("user", "hunt", "er@2");
  }

  @Test
  void warns_of_http_where_others_would_rely_on_it() {
    settings.put("token-broker.token.issuer", "http://broker.example");
    settings.put("token-broker.upstream.allow-http-to-loopback", "true");
    assertThat(unsafe(PlainHttp.REFUSED))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("token-broker.token.issuer "),
            second ->
                assertThat(second).startsWith("token-broker.upstream.allow-http-to-loopback "));
  }

  @Test
  void warns_of_an_access_log_that_shows_removed_queries() {
    settings.put("quarkus.http.access-log.consolidate-rerouted-requests", "true");

    assertThat(unsafe(PlainHttp.REFUSED))
        .singleElement()
        .asString()
        .startsWith("quarkus.http.access-log.consolidate-rerouted-requests ");
  }

  @ParameterizedTest
  @CsvSource({"ONLY, quarkus.tls.key-store", "BESIDE_TLS, quarkus.http.insecure-requests"})
  void warns_where_credentials_may_come_in_clear(PlainHttp plainHttp, String setting) {
    assertThat(unsafe(plainHttp)).singleElement().asString().startsWith(setting);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, '', true",
    "localhost, ::1, true",
    "127.0.0.1, 0.0.0.0, false",
    "10.0.0.1, 127.0.0.1, false",
    "127.0.0.1.example.com, '', false"
  })
  void warns_of_no_clear_network_where_only_this_machine_calls(
      String http, String grpc, boolean silent) {
    settings.put("quarkus.http.host", http);
    if (!grpc.isEmpty()) {
      settings.put("token-broker.grpc.host", grpc);
    }

    assertThat(unsafe(PlainHttp.ONLY).isEmpty()).isEqualTo(silent);
  }

  @ParameterizedTest
  @CsvSource({
    "    ,            , 0",
    "true,            , 1",
    "true, 10.1.2.0/24, 0",
    "    , 10.1.2.0/24, 0",
  })
  void warns_where_everybody_is_believed_to_be_a_proxy(
      String forwarding, String proxies, int warnings) {
    settings.put("quarkus.http.proxy.proxy-address-forwarding", forwarding);
    settings.put("quarkus.http.proxy.trusted-proxies", proxies);
    settings.values().removeIf(Objects::isNull);

    assertThat(unsafe(PlainHttp.REFUSED))
        .hasSize(warnings)
        .allMatch(warning -> warning.startsWith("quarkus.http.proxy.trusted-proxies "));
  }

  @ParameterizedTest
  @CsvSource({
    "false,          ,          , ONLY",
    "false, disabled ,          , ONLY",
    "true ,          ,          , BESIDE_TLS",
    "true ,          , none     , BESIDE_TLS",
    "true ,          , request  , BESIDE_TLS",
    "true , enabled  , required , BESIDE_TLS",
    "true , ENABLED  ,          , BESIDE_TLS",
    "true ,          , required , REFUSED",
    "true ,          , REQUIRED , REFUSED",
    "true , redirect ,          , REFUSED",
    "true , disabled ,          , REFUSED",
  })
  void tells_how_the_server_may_be_spoken_to(
      boolean certificate, String insecureRequests, String clientAuth, PlainHttp expected) {
    assertThat(PlainHttp.of(certificate, insecureRequests, clientAuth)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "NONE    , false, false, ONLY      , 0",
    "REQUEST , true , true , BESIDE_TLS, 0",
    "REQUIRED, true , true , REFUSED   , 0",
    "REQUIRED, true , true , BESIDE_TLS, 1",
    "REQUIRED, true , false, REFUSED   , 1",
    "REQUEST , true , false, REFUSED   , 1",
    "REQUIRED, false, true , ONLY      , 1",
    "REQUIRED, false, false, ONLY      , 2",
  })
  void requests_client_certificates_only_if_nobody_can_bypass_it(
      ClientAuth asked,
      boolean certificate,
      boolean authorities,
      PlainHttp plainHttp,
      int refusals) {
    ServerCertificates certificates = new ServerCertificates(certificate, authorities);
    assertThat(StartupChecks.CallerCertificates.refusals(asked, certificates, plainHttp))
        .hasSize(refusals)
        .allSatisfy(
            refusal -> assertThat(refusal.setting()).isEqualTo("token-broker.tls.client-auth"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY"})
  void a_proxy_of_the_environment_that_has_no_effect_is_one_warning(String variable) {
    PeerSettings direct = upstream(Optional.empty());
    Map<String, String> environment = Map.of(variable, "http://proxy:3128", "PATH", "/bin");

    assertThat(SettingsRules.ignoredProxy(environment, direct))
        .hasValueSatisfying(
            warning ->
                assertThat(warning)
                    .startsWith(variable + " is set and has no effect")
                    .contains("token-broker.upstream.proxy")
                    .doesNotContain("3128"));
    assertThat(SettingsRules.ignoredProxy(environment, upstream(Optional.of("proxy:3128"))))
        .isEmpty();
    assertThat(SettingsRules.ignoredProxy(Map.of(variable, " "), direct)).isEmpty();
    assertThat(SettingsRules.ignoredProxy(Map.of(), direct)).isEmpty();
  }

  private static PeerSettings upstream(Optional<String> proxy) {
    return new PeerClients.Settings(Duration.ofSeconds(1), false, proxy);
  }

  private List<String> severe(LaunchMode mode) {
    return unfit(mode).stream().map(UnfitSetting::setting).toList();
  }

  private List<UnfitSetting> unfit(LaunchMode mode) {
    return SettingsRules.unfit(config(), mode);
  }

  private List<String> unsafe(PlainHttp plainHttp) {
    return SettingsRules.unsafe(config(), plainHttp);
  }

  private SmallRyeConfig config() {
    return Settings.config(
        settings,
        Stream.concat(
                SettingsRules.FEATURES.stream().map(FeatureRule::settings),
                Stream.of(AccessSettings.class, TlsSettings.class, ProxySettings.class))
            .distinct()
            .toArray(Class<?>[]::new));
  }
}
