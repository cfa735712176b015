package dev.tokenbroker.command;

import dev.tokenbroker.base.jose.CryptoSettings;
import dev.tokenbroker.edges.grpc.GrpcSettings;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.exchange.admission.AdmissionSettings;
import dev.tokenbroker.evaluate.exchange.cache.CacheSettings;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.credential.CredentialSettings;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.store.StoreSettings;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.Optional;

/**
 * The settings of this deployment, read from the sources that the server reads (environment, system
 * properties, {@code config/application.properties}), without a server.
 */
final class CommandSettings {

  private static final List<Class<?>> READ =
      List.of(
          AdmissionSettings.class,
          CacheSettings.class,
          CredentialSettings.class,
          CryptoSettings.class,
          DpopSettings.class,
          ExchangeSettings.class,
          FederationSettings.class,
          GrpcSettings.class,
          GuardSettings.class,
          IssuerSettings.class,
          ServerSettings.class,
          StoreSettings.class,
          TlsConfig.class,
          TokenSettings.class,
          TlsSettings.class,
          PeerSettings.class);

  private final SmallRyeConfig config;

  private CommandSettings(SmallRyeConfig config) {
    this.config = config;
  }

  /** Reads the settings; a value that does not fit its key is a failure that names the key. */
  static CommandSettings load() throws Failure {
    SmallRyeConfigBuilder builder = ConfigUtils.configBuilder();
    READ.forEach(builder::withMapping);
    // The other keys belong to the server.
    builder.withMappingIgnore("quarkus.**").withMappingIgnore("token-broker.**");
    try {
      return new CommandSettings(builder.build());
    } catch (RuntimeException unfit) {
      throw unfit(unfit);
    }
  }

  /** The settings of one feature. */
  <T> T of(Class<T> settings) {
    return config.getConfigMapping(settings);
  }

  /** What a document may refer to at a broker with these settings. */
  Surroundings surroundings() {
    return Surroundings.unknown(of(PeerSettings.class).allowHttpToLoopback())
        .withRoot(of(FederationSettings.class).root().orElse(null));
  }

  /** A setting of the server that no feature of ours maps. */
  Optional<Integer> number(String key) throws Failure {
    try {
      return config.getOptionalValue(key, Integer.class);
    } catch (RuntimeException unfit) {
      throw unfit(unfit);
    }
  }

  /** The failure for a value that a constructor or a converter rejects. */
  static Failure unfit(RuntimeException unfit) {
    String message = String.valueOf(unfit.getMessage()).replaceAll("\\s+", " ");
    return new Failure(ExitCode.CONFIG, "a setting is wrong: " + message);
  }
}
