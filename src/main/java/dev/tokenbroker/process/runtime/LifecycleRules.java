package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import dev.tokenbroker.evaluate.revocation.ClientSecrets;
import dev.tokenbroker.evaluate.revocation.RevocationSettings;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.Thumbprints;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.vertx.core.http.ClientAuth;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Checks the settings of introspection and revocation: limits, the file of revocations, and
 * certificate thumbprints. The broker starts with no other values.
 */
@Singleton
final class LifecycleRules {

  private static final int MAX_TOKENS = 1_000_000;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final RevocationSettings settings;
  private final Supplier<Revocations> revocations;
  private final AccessSettings access;
  private final TlsSettings tls;

  /** Looks the revocations up at the first use: they connect to the store. */
  @Inject
  LifecycleRules(
      RevocationSettings settings,
      Instance<Revocations> revocations,
      AccessSettings access,
      TlsSettings tls) {
    this(settings, revocations::get, access, tls);
  }

  LifecycleRules(
      RevocationSettings settings,
      Supplier<Revocations> revocations,
      AccessSettings access,
      TlsSettings tls) {
    this.settings = settings;
    this.revocations = revocations;
    this.access = access;
    this.tls = tls;
  }

  /** The settings with which the broker does not start, but for the file; empty if it may. */
  List<UnfitSetting> severe() {
    List<UnfitSetting> broken =
        new ArrayList<>(
            new SettingLimits("token-broker.revocation.")
                .within("max-tokens", settings.maxTokens(), 1, MAX_TOKENS)
                .within("max-silence", settings.maxSilence(), SECOND, MINUTE)
                .unfit());
    certificates(
        broken,
        "token-broker.access.introspection-certificates",
        access.introspectionCertificates());
    certificates(
        broken, "token-broker.access.revocation-certificates", access.revocationCertificates());
    clients(broken, "token-broker.access.introspection-clients", access.introspectionClients());
    clients(broken, "token-broker.access.revocation-clients", access.revocationClients());
    return broken;
  }

  /** The file of revocations if it cannot be used; for settings that are fit otherwise. */
  Optional<UnfitSetting> unusableFile() {
    return revocations.get().unusable();
  }

  private static void clients(
      List<UnfitSetting> broken, String setting, Optional<List<String>> clients) {
    for (String problem : ClientSecrets.of(clients).problems()) {
      broken.add(
          new UnfitSetting(
              setting,
              "cannot be used: " + problem,
              "List id=path of a file with 16 to 256 letters, digits, dots, hyphens or underscores."));
    }
  }

  private void certificates(
      List<UnfitSetting> broken, String setting, Optional<List<String>> thumbprints) {
    List<String> listed = thumbprints.orElse(List.of());
    broken.addAll(
        new SettingLimits("")
            .demand(
                listed.stream().allMatch(text -> Thumbprints.parse(text).isPresent()),
                setting,
                "has something that is no SHA-256 thumbprint of a certificate.",
                "List what `openssl x509 -noout -fingerprint -sha256` shows, or x5t#S256.")
            .demand(
                thumbprints.isEmpty() || tls.clientAuth() != ClientAuth.NONE,
                setting,
                "lists certificates, and callers are asked for none.",
                "Set token-broker.tls.client-auth to request or required.")
            .unfit());
  }
}
