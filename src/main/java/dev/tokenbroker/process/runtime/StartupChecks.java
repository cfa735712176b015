package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.edges.telemetry.AuditSettings;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Problem;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.PreventFurtherStepsException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfigurationRegistry;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * Checks the settings, and then the federation document, before anything is served. An unsafe
 * setting is logged. A severe one, or a bad document, ends the start with what to do. {@link
 * SettingsRules} says which is which.
 */
@Singleton
final class StartupChecks {

  private static final Logger log = Logger.getLogger(StartupChecks.class);
  private static final int FIRST = 1;

  /** After the federation was loaded, and before anything listens. */
  private static final int LOADED = 4_000;

  private static final int EXIT_CONFIGURATION = 78;

  private final SettingsRules rules;
  private final PeerSettings upstream;
  private final TlsSettings serverTls;
  private final ServerSettings server;
  private final AuditSettings audit;
  private final LimitRules limits;
  private final DurationRules durations;
  private final LifecycleRules lifecycle;
  private final StoreRules store;
  private final TlsConfigurationRegistry tls;

  /** Takes one parameter for each feature whose settings it checks. */
  StartupChecks(
      ExchangeSettings exchange,
      AccessSettings access,
      FederationSettings federation,
      TokenSettings token,
      PeerSettings upstream,
      GuardSettings guard,
      TlsSettings serverTls,
      ServerSettings server,
      AuditSettings audit,
      LimitRules limits,
      DurationRules durations,
      LifecycleRules lifecycle,
      StoreRules store,
      TlsConfigurationRegistry tls) {
    this.rules = new SettingsRules(exchange, access, federation, token, upstream, guard);
    this.upstream = upstream;
    this.serverTls = serverTls;
    this.server = server;
    this.audit = audit;
    this.limits = limits;
    this.durations = durations;
    this.lifecycle = lifecycle;
    this.store = store;
    this.tls = tls;
  }

  void onStart(@Observes @Priority(FIRST) StartupEvent event) {
    LaunchMode mode = LaunchMode.current();
    // Audit must not be switched off: operators must be able to find out which tokens were issued.
    boolean auditEnabled =
        audit.to() == AuditSettings.Destination.STDOUT
            || Logger.getLogger(SettingsRules.AUDIT_CATEGORY).isInfoEnabled();
    Config config = ConfigProvider.getConfig();
    List<UnfitSetting> refusals = new ArrayList<>(rules.severe(mode, auditEnabled));
    refusals.addAll(limits.severe());
    refusals.addAll(durations.severe());
    refusals.addAll(lifecycle.severe());
    refusals.addAll(store.severe(config));
    refusals.addAll(OwnClients.unfit(config, tls, upstream.allowHttpToLoopback()));
    EnvironmentNames names = new EnvironmentNames(System.getenv(), config.getPropertyNames());
    refusals.addAll(names.unfit());
    refusals.addAll(SettingGroups.unfit(config.getPropertyNames()));
    ServerCertificates certificates = ServerCertificates.of(server, tls, config);
    PlainHttp plainHttp = plainHttp(certificates, config);
    refusals.addAll(ServerCertificates.unusableByGrpc(server, tls, config, serverTls.clientAuth()));
    refusals.addAll(CallerCertificates.refusals(serverTls.clientAuth(), certificates, plainHttp));
    if (refusals.isEmpty()) {
      // Last: with the revocations begins what connects to the store, by settings that are fit.
      lifecycle.unusableFile().ifPresent(refusals::add);
    }
    if (!refusals.isEmpty()) {
      throw ended(refusals);
    }
    if (!names.serviceLinks().isEmpty()) {
      log.infof(
          "Ignored %d environment variables of Kubernetes' service links, such as %s",
          names.serviceLinks().size(), names.serviceLinks().getFirst());
    }
    if (mode == LaunchMode.NORMAL) {
      rules.unsafe(plainHttp, believesAll(config)).forEach(log::warn);
      store.unsafe(config).forEach(log::warn);
      SettingsRules.ignoredProxy(System.getenv(), upstream).ifPresent(log::warn);
    }
  }

  /** In production, ends a start with a bad federation document: there is no good one to serve. */
  void onLoaded(@Observes @Priority(LOADED) StartupEvent event, Federations federations) {
    List<Problem> problems = federations.status().problems();
    if (LaunchMode.current() == LaunchMode.NORMAL && !problems.isEmpty()) {
      throw ended(
          List.of(
              new UnfitSetting(
                  "token-broker.federation.path",
                  "names a document with %d problem(s), which the lines before this one tell."
                      .formatted(problems.size()),
                  "Correct them; token-broker check finds the same ones.")));
    }
  }

  private static PreventFurtherStepsException ended(List<UnfitSetting> refusals) {
    log.fatal(describe(refusals));
    // The exception alone ends the start but not the process, which would stay and serve nothing.
    Quarkus.asyncExit(EXIT_CONFIGURATION);
    return new PreventFurtherStepsException("settings", EXIT_CONFIGURATION);
  }

  /** All problems, in one line. */
  static String describe(List<UnfitSetting> refusals) {
    return refusals.stream()
        .map(unfit -> " " + unfit.setting() + ": " + unfit.problem() + " " + unfit.remedy())
        .collect(Collectors.joining("", "The broker does not start:", ""));
  }

  private static PlainHttp plainHttp(ServerCertificates certificates, Config config) {
    return PlainHttp.of(
        certificates.own(),
        text(config, "quarkus.http.insecure-requests").orElse(null),
        text(config, "quarkus.http.ssl.client-auth").orElse(null));
  }

  /** Whether any caller can claim to be a proxy, since no trusted proxies are set. */
  static boolean believesAll(Config config) {
    return config
            .getOptionalValue("quarkus.http.proxy.proxy-address-forwarding", Boolean.class)
            .orElse(false)
        && text(config, "quarkus.http.proxy.trusted-proxies").isEmpty();
  }

  private static Optional<String> text(Config config, String key) {
    return config.getOptionalValue(key, String.class);
  }
}
