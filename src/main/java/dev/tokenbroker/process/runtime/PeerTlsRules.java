package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.util.Optional;

/**
 * Checks a TLS configuration of the registry by which a library sends a secret of the broker to a
 * peer. A peer whose certificate or name is not checked could be anybody.
 */
final class PeerTlsRules {

  private static final String CHECKED = "HTTPS";

  private PeerTlsRules() {}

  /**
   * @param naming the setting that names the configuration
   * @param peer whose certificate it checks
   */
  static void demand(
      TlsConfigurationRegistry tls, String name, String naming, String peer, SettingLimits limits) {
    Optional<TlsConfiguration> found = tls.get(name);
    String setting = "quarkus.tls." + name;
    limits
        .demand(
            found.isPresent(),
            naming,
            "names a configuration that does not exist.",
            "Name one of quarkus.tls.")
        .demand(
            found
                .map(known -> known.getHostnameVerificationAlgorithm().orElse(""))
                .filter(check -> !check.equalsIgnoreCase(CHECKED))
                .isEmpty(),
            setting + ".hostname-verification-algorithm",
            "does not check the name of " + peer + ".",
            "Set it to HTTPS.");
    demandTrust(found, setting, limits);
  }

  /** Demands that a configuration, if there is one, does not trust every server. */
  static void demandTrust(Optional<TlsConfiguration> found, String setting, SettingLimits limits) {
    limits.demand(
        found.filter(TlsConfiguration::isTrustAll).isEmpty(),
        setting + ".trust-all",
        "trusts every server.",
        "Remove it, and give the authority of the server's certificate.");
  }
}
