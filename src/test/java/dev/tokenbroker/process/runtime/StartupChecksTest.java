package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.telemetry.AuditLog;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.http.PeerSettings;
import io.quarkus.runtime.LaunchMode;
import io.smallrye.config.SmallRyeConfig;
import io.vertx.core.http.ClientAuth;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    assertThat(rules().unsafe(PlainHttp.REFUSED, false)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.exchange.max-duration, 99ms",
    "token-broker.exchange.max-duration, 60001ms",
    "token-broker.exchange.max-verdicts, -1",
    "token-broker.exchange.max-verdicts, 1000001",
    "token-broker.exchange.verdict-ttl, 999ms",
    "token-broker.exchange.verdict-ttl, 86401s",
    "token-broker.access.operators-on-loopback, true",
    "token-broker.federation.poll-interval, -1s",
    "token-broker.federation.poll-interval, 99ms",
    "token-broker.federation.path, ''",
    "token-broker.federation.candidate-share, 0",
    "token-broker.federation.candidate-share, -0.1",
    "token-broker.federation.candidate-share, 1.01",
    "token-broker.federation.candidate-share, NaN",
    "token-broker.token.issuer, ''",
    "token-broker.token.issuer, broker",
    "token-broker.token.jwks-max-age, -1s",
    "token-broker.token.key-file-poll-interval, 0s",
    "token-broker.token.max-lifetime, 0s",
    "token-broker.token.max-lifetime, 61m",
    "token-broker.token.publish-before, 4m",
    "token-broker.token.rotation-period, 14m",
    "token-broker.upstream.fetch-timeout, 99ms",
    "token-broker.upstream.fetch-timeout, 61s",
    "token-broker.upstream.guard.max-attempts, 0",
  })
  void does_not_start_with_this(String setting, String value) {
    settings.put(setting, value);
    assertThat(severe(LaunchMode.NORMAL)).containsExactly(setting);
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.exchange.max-duration, 100ms",
    "token-broker.exchange.max-duration, 1m",
    "token-broker.exchange.max-verdicts, 0",
    "token-broker.exchange.max-verdicts, 1000000",
    "token-broker.exchange.verdict-ttl, 1s",
    "token-broker.exchange.verdict-ttl, 24h",
    "token-broker.federation.poll-interval, 0s",
    "token-broker.federation.candidate-share, 0.0001",
    "token-broker.federation.candidate-share, 1",
    "token-broker.token.max-lifetime, 1s",
    "token-broker.token.max-lifetime, 1h",
    "token-broker.token.publish-before, 305s",
    "token-broker.token.rotation-period, 15m",
    "token-broker.upstream.fetch-timeout, 1m",
  })
  void starts_at_the_bound(String setting, String value) {
    settings.put(setting, value);
    assertThat(severe(LaunchMode.NORMAL)).isEmpty();
  }

  @Test
  void operators_on_loopback_are_let_be_in_dev_mode() {
    settings.put("token-broker.access.operators-on-loopback", "true");
    assertThat(severe(LaunchMode.DEVELOPMENT)).isEmpty();
  }

  @Test
  void does_not_start_without_an_audit_log() {
    assertThat(SettingsRules.AUDIT_CATEGORY).isEqualTo(AuditLog.CATEGORY);
    assertThat(rules().severe(LaunchMode.NORMAL, false))
        .extracting(UnfitSetting::setting)
        .containsExactly("quarkus.log.category.\"dev.tokenbroker.audit\".level");
  }

  @Test
  void names_all_that_is_wrong_at_once_and_what_to_do() {
    settings.put("token-broker.exchange.max-verdicts", "-1");
    settings.put("token-broker.federation.poll-interval", "-1s");
    assertThat(StartupChecks.describe(rules().severe(LaunchMode.NORMAL, true)))
        .contains("token-broker.exchange.max-verdicts: is -1. Set it to 0 at least")
        .contains("token-broker.federation.poll-interval: is shorter than 100 ms. Set it to");
  }

  @Test
  void warns_of_http_where_others_would_rely_on_it() {
    settings.put("token-broker.token.issuer", "http://broker.example");
    settings.put("token-broker.upstream.allow-http-to-loopback", "true");
    assertThat(rules().unsafe(PlainHttp.REFUSED, false))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("token-broker.token.issuer "),
            second ->
                assertThat(second).startsWith("token-broker.upstream.allow-http-to-loopback "));
  }

  @ParameterizedTest
  @CsvSource({"ONLY, quarkus.tls.key-store", "BESIDE_TLS, quarkus.http.insecure-requests"})
  void warns_where_credentials_may_come_in_clear(PlainHttp plainHttp, String setting) {
    assertThat(rules().unsafe(plainHttp, false)).singleElement().asString().startsWith(setting);
  }

  @ParameterizedTest
  @CsvSource({
    "    ,            , false",
    "true,            , true",
    "true, 10.1.2.0/24, false",
    "    , 10.1.2.0/24, false",
  })
  void tells_where_everybody_is_believed_to_be_a_proxy(
      String forwarding, String proxies, boolean believed) {
    Map<String, String> proxy = new HashMap<>();
    proxy.put("quarkus.http.proxy.proxy-address-forwarding", forwarding);
    proxy.put("quarkus.http.proxy.trusted-proxies", proxies);
    proxy.values().removeIf(Objects::isNull);
    SmallRyeConfig config = Settings.config(proxy);

    assertThat(StartupChecks.believesAll(config)).isEqualTo(believed);
  }

  @Test
  void warns_where_everybody_is_believed_to_be_a_proxy() {
    assertThat(rules().unsafe(PlainHttp.REFUSED, true))
        .singleElement()
        .asString()
        .startsWith("quarkus.http.proxy.trusted-proxies ");
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
  void asks_callers_for_certificates_only_where_nobody_gets_around_it(
      ClientAuth asked,
      boolean certificate,
      boolean authorities,
      PlainHttp plainHttp,
      int refusals) {
    ServerCertificates certificates = new ServerCertificates(certificate, authorities);
    assertThat(CallerCertificates.refusals(asked, certificates, plainHttp))
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
    return rules().severe(mode, true).stream().map(UnfitSetting::setting).toList();
  }

  private SettingsRules rules() {
    SmallRyeConfig config =
        Settings.config(
            settings,
            ExchangeSettings.class,
            AccessSettings.class,
            FederationSettings.class,
            TokenSettings.class,
            PeerSettings.class,
            GuardSettings.class);
    return new SettingsRules(
        config.getConfigMapping(ExchangeSettings.class),
        config.getConfigMapping(AccessSettings.class),
        config.getConfigMapping(FederationSettings.class),
        config.getConfigMapping(TokenSettings.class),
        config.getConfigMapping(PeerSettings.class),
        config.getConfigMapping(GuardSettings.class));
  }
}
