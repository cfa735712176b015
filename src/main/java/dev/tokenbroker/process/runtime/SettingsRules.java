package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.edge.ProxySettings;
import dev.tokenbroker.edges.edge.PublicAddresses;
import dev.tokenbroker.edges.telemetry.AuditLog;
import dev.tokenbroker.edges.telemetry.AuditSettings;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.exchange.admission.AdmissionSettings;
import dev.tokenbroker.evaluate.exchange.cache.CacheSettings;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.evaluate.revocation.RevocationSettings;
import dev.tokenbroker.issue.signing.KeyTiming;
import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.issue.sts.UpstreamTokenSettings;
import dev.tokenbroker.judge.credential.CredentialSettings;
import dev.tokenbroker.judge.credential.JwtVerifier;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeyTimes;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.operate.changes.PeerProbes;
import dev.tokenbroker.operate.changes.ProbesSettings;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.operate.recording.RecordingSettings;
import dev.tokenbroker.peers.guard.GuardLimits;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerSettings;
import io.quarkus.runtime.LaunchMode;
import io.smallrye.config.SmallRyeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rules for settings: with which ones the broker does not start, and which ones it logs as
 * unsafe. A rule that needs only the settings of one feature stands beside those.
 */
final class SettingsRules {

  /** The variables that other programs take a proxy for https from. */
  private static final List<String> PROXY_VARIABLES =
      List.of("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy");

  /** Makes an access log show a request as it was before the broker removed its query. */
  private static final String REROUTED = "quarkus.http.access-log.consolidate-rerouted-requests";

  /** The rules that stand beside the settings of a feature. */
  static final List<FeatureRule<?>> FEATURES =
      List.of(
          new FeatureRule<>(TokenSettings.class, OwnIssuer::unfit),
          new FeatureRule<>(TokenSettings.class, KeyTiming::unfit),
          new FeatureRule<>(FederationSettings.class, FederationSettings::unfit),
          new FeatureRule<>(ExchangeSettings.class, ExchangeSettings::unfit),
          new FeatureRule<>(AuditSettings.class, AuditLog::unfit),
          new FeatureRule<>(PeerSettings.class, PeerClient::unfit),
          new FeatureRule<>(GuardSettings.class, GuardLimits::unfit),
          new FeatureRule<>(CredentialSettings.class, JwtVerifier::unfit),
          new FeatureRule<>(AdmissionSettings.class, AdmissionSettings::unfit),
          new FeatureRule<>(CacheSettings.class, CacheSettings::unfit),
          new FeatureRule<>(DpopSettings.class, DpopSettings::unfit),
          new FeatureRule<>(DpopSettings.class, PublicAddresses::unfit),
          new FeatureRule<>(RecordingSettings.class, Recorder::unfit),
          new FeatureRule<>(IssuerSettings.class, KeyTimes::unfit),
          new FeatureRule<>(UpstreamTokenSettings.class, UpstreamTokenSettings::unfit),
          new FeatureRule<>(ShutdownSettings.class, ShutdownSettings::unfit),
          new FeatureRule<>(ProbesSettings.class, PeerProbes::unfit),
          new FeatureRule<>(RevocationSettings.class, RevocationSettings::unfit));

  private SettingsRules() {}

  /** A rule for the settings of one feature. */
  record FeatureRule<S>(Class<S> settings, Function<S, List<UnfitSetting>> rule) {

    private List<UnfitSetting> unfit(SmallRyeConfig config) {
      return rule.apply(config.getConfigMapping(settings));
    }
  }

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(SmallRyeConfig config, LaunchMode mode) {
    AccessSettings access = config.getConfigMapping(AccessSettings.class);
    List<UnfitSetting> unfit =
        new ArrayList<>(
            new SettingLimits("token-broker.access.")
                .demand(
                    mode != LaunchMode.NORMAL || !access.operatorsOnLoopback(),
                    "operators-on-loopback",
                    "makes every caller on this machine an operator, and is for dev mode only.",
                    "Remove it, and let a rule grant the scope operate for the audience token-broker.")
                .unfit());
    FEATURES.forEach(feature -> unfit.addAll(feature.unfit(config)));
    return unfit;
  }

  /** A warning if the environment names a proxy and the settings name none; empty otherwise. */
  static Optional<String> ignoredProxy(Map<String, String> environment, PeerSettings upstream) {
    return upstream.proxy().isPresent()
        ? Optional.empty()
        : PROXY_VARIABLES.stream()
            .filter(name -> !environment.getOrDefault(name, "").isBlank())
            .findFirst()
            .map(
                name ->
                    name
                        + " is set and has no effect: issuers and upstreams are called directly."
                        + " Set token-broker.upstream.proxy to host:port, or remove the variable.");
  }

  /** Whether only this machine reaches the ports of callers. */
  private static boolean isOnLoopback(SmallRyeConfig config) {
    Optional<String> http = config.getOptionalValue("quarkus.http.host", String.class);
    Optional<String> grpc = config.getOptionalValue("token-broker.grpc.host", String.class);
    return http.stream().anyMatch(SettingsRules::isLoopback)
        && grpc.stream().allMatch(SettingsRules::isLoopback);
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  /**
   * The unsafe settings with which the broker still starts in production; one or two sentences
   * each.
   */
  static List<String> unsafe(SmallRyeConfig config, PlainHttp plainHttp) {
    TokenSettings token = config.getConfigMapping(TokenSettings.class);
    PeerSettings upstream = config.getConfigMapping(PeerSettings.class);
    ProxySettings proxy = config.getConfigMapping(ProxySettings.class);
    List<String> warnings = new ArrayList<>();
    if (token.issuer().filter(issuer -> issuer.startsWith("http:")).isPresent()) {
      warnings.add(
          "token-broker.token.issuer is not https: verifiers would fetch our keys without TLS."
              + " Set it to the https URL of this broker.");
    }
    if (upstream.allowHttpToLoopback()) {
      warnings.add(
          "token-broker.upstream.allow-http-to-loopback is on: keys are fetched from this machine without TLS."
              + " Leave it off in production.");
    }
    switch (plainHttp) {
      case ONLY -> {
        if (!isOnLoopback(config)) {
          warnings.add(
              "quarkus.tls.key-store is not set: credentials and tokens cross the network in clear."
                  + " Give the server a certificate, unless a proxy on this machine ends TLS.");
        }
      }
      case BESIDE_TLS ->
          warnings.add(
              "quarkus.http.insecure-requests is enabled beside TLS: who calls the plain port sends"
                  + " credentials in clear. Set it to disabled.");
      case REFUSED -> {}
    }
    if (proxy.proxyAddressForwarding() && proxy.trustedProxies().isEmpty()) {
      warnings.add(
          "quarkus.http.proxy.trusted-proxies is not set, and proxy-address-forwarding is: any"
              + " caller can write any address into the audit log. Set it to your proxies.");
    }
    if (config.getOptionalValue(REROUTED, Boolean.class).orElse(false)) {
      warnings.add(
          REROUTED
              + " is on: an access log shows the query of each request, and any secret in it."
              + " Set it to false.");
    }
    return warnings;
  }
}
