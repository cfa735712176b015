package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.issue.signing.KeyTiming;
import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.peers.guard.GuardLimits;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerSettings;
import io.quarkus.runtime.LaunchMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules for settings: with which ones the broker does not start, and which ones it logs as
 * unsafe. They only judge values.
 */
final class SettingsRules {

  /**
   * The log category of audit lines. Package {@code edges.telemetry} writes to it; this package
   * sees only the settings.
   */
  static final String AUDIT_CATEGORY = "dev.tokenbroker.audit";

  /** The variables that other programs take a proxy for https from. */
  private static final List<String> PROXY_VARIABLES =
      List.of("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy");

  private static final Duration SHORTEST_POLL = Duration.ofMillis(100);
  private static final Duration MIN_DURATION = Duration.ofMillis(100);
  private static final Duration MAX_DURATION = Duration.ofMinutes(1);
  private static final int MAX_VERDICTS = 1_000_000;
  private static final Duration MIN_VERDICT_TTL = Duration.ofSeconds(1);
  private static final Duration MAX_VERDICT_TTL = Duration.ofHours(24);

  private final ExchangeSettings exchange;
  private final AccessSettings access;
  private final FederationSettings federation;
  private final TokenSettings token;
  private final PeerSettings upstream;
  private final GuardSettings guard;

  SettingsRules(
      ExchangeSettings exchange,
      AccessSettings access,
      FederationSettings federation,
      TokenSettings token,
      PeerSettings upstream,
      GuardSettings guard) {
    this.exchange = exchange;
    this.access = access;
    this.federation = federation;
    this.token = token;
    this.upstream = upstream;
    this.guard = guard;
  }

  /**
   * The settings with which the broker does not start; empty if it may.
   *
   * @param auditEnabled whether audit lines go to standard output, or {@value #AUDIT_CATEGORY}
   *     takes lines at INFO
   */
  List<UnfitSetting> severe(LaunchMode mode, boolean auditEnabled) {
    Duration poll = federation.pollInterval();
    List<UnfitSetting> refusals =
        new ArrayList<>(
            new SettingLimits("")
                .demand(
                    OwnIssuer.isUsable(token),
                    "token-broker.token.issuer",
                    "is missing or no URL that a discovery document can lie under.",
                    "Set it to the https URL at which verifiers reach this broker, without query and fragment.")
                .demand(
                    federation.path().isPresent(),
                    "token-broker.federation.path",
                    "is not set.",
                    "Set it to the federation document, or to a directory of them.")
                .demand(
                    poll.isZero() || poll.compareTo(SHORTEST_POLL) >= 0,
                    "token-broker.federation.poll-interval",
                    "is shorter than 100 ms.",
                    "Set it to how often the document is looked at, or to 0s for never.")
                .demand(
                    federation.candidateShare() > 0 && federation.candidateShare() <= 1,
                    "token-broker.federation.candidate-share",
                    "is " + federation.candidateShare() + ".",
                    "Set it above 0 and to 1 at most; to compare nothing, remove candidate-path.")
                .within(
                    "token-broker.exchange.max-duration",
                    exchange.maxDuration(),
                    MIN_DURATION,
                    MAX_DURATION)
                .within(
                    "token-broker.exchange.max-verdicts", exchange.maxVerdicts(), 0, MAX_VERDICTS)
                .within(
                    "token-broker.exchange.verdict-ttl",
                    exchange.verdictTtl(),
                    MIN_VERDICT_TTL,
                    MAX_VERDICT_TTL)
                .demand(
                    mode != LaunchMode.NORMAL || !access.operatorsOnLoopback(),
                    "token-broker.access.operators-on-loopback",
                    "makes every caller on this machine an operator, and is for dev mode only.",
                    "Remove it, and let a rule grant the scope operate for the audience token-broker.")
                .demand(
                    auditEnabled,
                    "quarkus.log.category.\"" + AUDIT_CATEGORY + "\".level",
                    "is above INFO, so that exchanges would leave no record.",
                    "Set it to INFO; to have the lines elsewhere, change the category's handlers.")
                .unfit());
    refusals.addAll(KeyTiming.unfit(token));
    refusals.addAll(PeerClient.unfit(upstream));
    refusals.addAll(GuardLimits.unfit(guard));
    return refusals;
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

  /**
   * The unsafe settings with which the broker still starts in production; one or two sentences
   * each.
   *
   * @param believesAll whether the broker believes every caller to be a proxy
   */
  List<String> unsafe(PlainHttp plainHttp, boolean believesAll) {
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
      case ONLY ->
          warnings.add(
              "quarkus.tls.key-store is not set: credentials and tokens cross the network in clear."
                  + " Give the server a certificate, unless a proxy on this machine ends TLS.");
      case BESIDE_TLS ->
          warnings.add(
              "quarkus.http.insecure-requests is enabled beside TLS: who calls the plain port sends"
                  + " credentials in clear. Set it to disabled.");
      case REFUSED -> {}
    }
    if (believesAll) {
      warnings.add(
          "quarkus.http.proxy.trusted-proxies is not set, and proxy-address-forwarding is: any"
              + " caller can write any address into the audit log. Set it to your proxies.");
    }
    return warnings;
  }
}
