package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.Certificates;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;

/**
 * Checks the settings, and then the federation document, before anything is served. An unsafe
 * setting is logged. A severe one, or a bad document, ends the start with what to do. {@link
 * SettingsRules} says which is which.
 */
@Singleton
final class StartupChecks {

  private static final Logger LOG = Logger.getLogger(StartupChecks.class);
  private static final int FIRST = 1;

  /** After the federation was loaded, and before anything listens. */
  private static final int LOADED = 4_000;

  /**
   * @param revocations looked up last: they connect to the store
   */
  void onStart(
      @Observes @Priority(FIRST) StartupEvent event,
      TlsConfigurationRegistry tls,
      OwnCertificates own,
      Instance<Revocations> revocations) {
    LaunchMode mode = LaunchMode.current();
    SmallRyeConfig config = ConfigProvider.getConfig().unwrap(SmallRyeConfig.class);
    PeerSettings upstream = config.getConfigMapping(PeerSettings.class);
    ServerSettings server = config.getConfigMapping(ServerSettings.class);
    ClientAuth asked = config.getConfigMapping(TlsSettings.class).clientAuth();
    ServerCertificates certificates = ServerCertificates.of(server, tls, config);
    PlainHttp plainHttp = plainHttp(certificates, config);
    Map<String, String> variables = new HashMap<>(System.getenv());
    for (ConfigSource file : config.getConfigSources(EnvConfigSource.class)) { // such as .env
      variables.putAll(file.getProperties());
    }
    SettingNames names = new SettingNames(variables, config.getPropertyNames());
    List<UnfitSetting> refusals = new ArrayList<>(SettingsRules.unfit(config, mode));
    if (mode == LaunchMode.NORMAL) {
      refusals.addAll(OperatorSettings.unfit(config));
    }
    refusals.addAll(StoreRules.unfit(config, tls));
    refusals.addAll(OwnClients.unfit(config, tls, upstream.allowHttpToLoopback()));
    refusals.addAll(names.unfit());
    refusals.addAll(ServerCertificates.unusableByGrpc(server, tls, config, asked));
    refusals.addAll(own.unfit(tls));
    refusals.addAll(CallerCertificates.refusals(asked, certificates, plainHttp));
    if (refusals.isEmpty()) {
      // Last: with the revocations begins what connects to the store, by settings that are fit.
      revocations.get().unusable().ifPresent(refusals::add);
    }
    if (!refusals.isEmpty()) {
      throw new IllegalStateException(describe(refusals));
    }
    if (!names.serviceLinks().isEmpty()) {
      LOG.infof(
          "Ignored %d environment variables of Kubernetes' service links, such as %s",
          names.serviceLinks().size(), names.serviceLinks().getFirst());
    }
    if (mode == LaunchMode.NORMAL) {
      SettingsRules.unsafe(config, plainHttp).forEach(LOG::warn);
      StoreRules.unsafe(config).forEach(LOG::warn);
      ExposedFiles.warnings(config).forEach(LOG::warn);
      SettingsRules.ignoredProxy(System.getenv(), upstream).ifPresent(LOG::warn);
    }
  }

  /** In production, ends a start with a bad federation document: there is no good one to serve. */
  void onLoaded(@Observes @Priority(LOADED) StartupEvent event, Federations federations) {
    List<Problem> problems = federations.status().problems();
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      return;
    }
    federations.current().map(ExposedFiles::warnings).orElse(List.of()).forEach(LOG::warn);
    boolean asked =
        ConfigProvider.getConfig()
                .unwrap(SmallRyeConfig.class)
                .getConfigMapping(TlsSettings.class)
                .clientAuth()
            != ClientAuth.NONE;
    boolean certificates =
        federations.current().stream()
            .flatMap(federation -> federation.clients().all().stream())
            .anyMatch(client -> client.proof() instanceof Certificates);
    if (certificates && !asked) {
      LOG.warn(
          "The document has clients with certificates, and callers are asked for none."
              + " Set token-broker.tls.client-auth to request or required.");
    }
    if (!problems.isEmpty()) {
      throw new IllegalStateException(
          describe(
              List.of(
                  new UnfitSetting(
                      "token-broker.federation.path",
                      "names a document with %d problem(s), which the lines before this one tell."
                          .formatted(problems.size()),
                      "Correct them; token-broker check finds the same ones."))));
    }
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

  private static Optional<String> text(Config config, String key) {
    return config.getOptionalValue(key, String.class);
  }

  /**
   * Makes the server ask callers for certificates if the settings say so, and names settings with
   * which callers could bypass that.
   */
  @Singleton
  static final class CallerCertificates implements HttpServerOptionsCustomizer {

    private static final String KEY = "client-auth";

    private final TlsSettings settings;

    CallerCertificates(TlsSettings settings) {
      this.settings = settings;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
      // NONE must not weaken an application that was built to ask for certificates.
      if (settings.clientAuth() != ClientAuth.NONE) {
        options.setClientAuth(settings.clientAuth());
      }
    }

    /** The reasons why the broker does not start with that setting; empty if it may. */
    static List<UnfitSetting> refusals(
        ClientAuth asked, ServerCertificates certificates, PlainHttp plainHttp) {
      if (asked == ClientAuth.NONE) {
        return List.of();
      }
      String is = "is " + asked.name().toLowerCase(Locale.ROOT) + " ";
      return new SettingLimits("token-broker.tls.")
          .demand(
              certificates.own(),
              KEY,
              is + "without a certificate of the server's.",
              "Set quarkus.tls.key-store.")
          .demand(
              certificates.authorities(),
              KEY,
              is + "and nothing says whose certificates are good.",
              "Set the trust store beside the server's certificate, quarkus.tls.trust-store beside"
                  + " quarkus.tls.key-store, to the authorities of your callers.")
          .demand(
              asked != ClientAuth.REQUIRED || plainHttp != PlainHttp.BESIDE_TLS,
              KEY,
              is + "and the plain port beside TLS requests no certificate.",
              "Set quarkus.http.insecure-requests to disabled.")
          .unfit();
    }
  }
}
