package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/**
 * Who may introspect or revoke tokens by a client certificate or a client secret, without an access
 * token for it, and who may operate.
 */
@ConfigMapping(prefix = "token-broker.access")
public interface AccessSettings {

  /** SHA-256 thumbprints of the client certificates whose holders may introspect tokens. */
  Optional<List<String>> introspectionCertificates();

  /** Clients with a secret that may introspect tokens, each as {@code id=path of the secret}. */
  Optional<List<String>> introspectionClients();

  /** Clients with a secret that may revoke tokens, each as {@code id=path of the secret}. */
  Optional<List<String>> revocationClients();

  /** SHA-256 thumbprints of the client certificates whose holders may revoke tokens. */
  Optional<List<String>> revocationCertificates();

  /**
   * Whether callers on loopback count as operators without a token. For dev mode: a start in
   * production with it is refused.
   */
  @WithDefault("false")
  boolean operatorsOnLoopback();

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(AccessSettings settings) {
    SettingLimits limits = new SettingLimits("token-broker.access.");
    certificates(limits, "introspection-certificates", settings.introspectionCertificates());
    certificates(limits, "revocation-certificates", settings.revocationCertificates());
    clients(limits, "introspection-clients", settings.introspectionClients());
    clients(limits, "revocation-clients", settings.revocationClients());
    return limits.unfit();
  }

  private static void certificates(
      SettingLimits limits, String setting, Optional<List<String>> thumbprints) {
    limits.demand(
        thumbprints.orElse(List.of()).stream()
            .allMatch(text -> Thumbprints.parse(text).isPresent()),
        setting,
        "has something that is no SHA-256 thumbprint of a certificate.",
        "List what `openssl x509 -noout -fingerprint -sha256` shows, or x5t#S256.");
  }

  private static void clients(
      SettingLimits limits, String setting, Optional<List<String>> clients) {
    for (String problem : ClientSecrets.of(clients).problems()) {
      limits.demand(
          false,
          setting,
          "cannot be used: " + problem,
          "List id=path of a file with 32 to 256 letters, digits, dots, hyphens or underscores, such"
              + " as `openssl rand -hex 32` prints.");
    }
  }
}
