package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.oauth.OwnClientRules;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.config.SmallRyeConfig;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** Checks the settings of the clients by which the broker gets its own tokens. */
final class OwnClients {

  private static final String TLS_NAME = "tls.tls-configuration-name";

  private OwnClients() {}

  /**
   * The settings with which the broker does not start; empty if it may.
   *
   * @param httpToLoopback whether a provider on this host may be called without TLS
   */
  static List<UnfitSetting> unfit(
      Config config, TlsConfigurationRegistry tls, boolean httpToLoopback) {
    Set<String> names =
        new TreeSet<>(
            config
                .unwrap(SmallRyeConfig.class)
                .getConfigMapping(OidcClientsConfig.class)
                .namedClients()
                .keySet());
    names.remove(OidcClientsConfig.DEFAULT_CLIENT_KEY);
    SettingLimits limits = new SettingLimits(OwnClientRules.PREFIX);
    for (String key : List.of("auth-server-url", "token-path", "client-id")) {
      limits.demand(
          value(config, key) == null,
          key,
          "belongs to a client without a name, which nothing uses.",
          "Give the client a name: " + OwnClientRules.PREFIX + "NAME." + key + ".");
    }
    limits.demand(
        names.size() <= OwnClientRules.MAX_CLIENTS,
        names.stream().findFirst().orElse(""),
        "is one of more than " + OwnClientRules.MAX_CLIENTS + " clients.",
        "Remove those that the federation document does not name.");
    List<UnfitSetting> unfit = new ArrayList<>(limits.unfit());
    for (String name : names) {
      unfit.addAll(
          OwnClientRules.unfit(name, httpToLoopback, key -> value(config, name + "." + key)));
      unfit.addAll(unsafe(config, tls, name));
    }
    return List.copyOf(new LinkedHashSet<>(unfit));
  }

  /** TLS settings with which any server could get the broker's secret. */
  private static List<UnfitSetting> unsafe(
      Config config, TlsConfigurationRegistry tls, String name) {
    String naming = name + "." + TLS_NAME;
    SettingLimits limits = new SettingLimits("");
    String configuration = value(config, naming);
    if (configuration == null) {
      PeerTlsRules.demandTrust(tls.getDefault(), "quarkus.tls", limits);
    } else {
      PeerTlsRules.demand(
          tls, configuration, OwnClientRules.PREFIX + naming, "the provider's server", limits);
    }
    return limits.unfit();
  }

  private static @Nullable String value(Config config, String key) {
    return config.getOptionalValue(OwnClientRules.PREFIX + key, String.class).orElse(null);
  }
}
