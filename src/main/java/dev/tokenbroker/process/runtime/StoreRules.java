package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.peers.store.StoreKeys;
import dev.tokenbroker.peers.store.StoreSettings;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.config.SmallRyeConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * Checks the settings of the store that replicas share, and those of the Redis client. The broker
 * does not start without a key for the store, or with TLS that does not check the server's name.
 */
final class StoreRules {

  private static final String HOSTS = "quarkus.redis.hosts";
  private static final String TLS_NAME = "quarkus.redis.tls-configuration-name";
  private static final String HOST_CHECK = "quarkus.redis.tls.hostname-verification-algorithm";
  private static final String TRUST_ALL = "quarkus.redis.tls.trust-all";
  private static final String CHECKED = "HTTPS";
  private static final String TLS_SCHEME = "rediss://";

  /** An address of loopback, with or without a user, or of a socket in the file system. */
  private static final Pattern ON_THIS_MACHINE =
      Pattern.compile(
          "unix://.*|redis://([^/?#]*@)?(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]+)?([/?#].*)?");

  /** The client's connections; its queue must hold at least as many calls. */
  private static final int MIN_CALLS = 16;

  private static final int MAX_CALLS = 10_000;
  private static final int MAX_REPLICAS = 16;

  private StoreRules() {}

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(SmallRyeConfig config, TlsConfigurationRegistry tls) {
    StoreSettings settings = config.getConfigMapping(StoreSettings.class);
    return settings.shared()
        ? Stream.concat(
                store(settings, config).stream(),
                client(config.getConfigMapping(DpopSettings.class), tls, config).stream())
            .toList()
        : unused(settings, config);
  }

  private static List<UnfitSetting> unused(StoreSettings settings, Config config) {
    String remedy = "Set token-broker.store.shared to true, or remove it.";
    return new SettingLimits("")
        .demand(hosts(config).isEmpty(), HOSTS, "is set, and no store is shared.", remedy)
        .demand(
            settings.keyFiles().isEmpty(),
            "token-broker.store.key-files",
            "is set, and no store is shared.",
            remedy)
        .unfit();
  }

  private static List<UnfitSetting> store(StoreSettings settings, SmallRyeConfig config) {
    Optional<String> keys = StoreKeys.problem(settings);
    Duration leeway = config.getConfigMapping(DpopSettings.class).leeway();
    boolean cluster =
        "cluster".equalsIgnoreCase(text(config, "quarkus.redis.client-type").orElse(""));
    return new SettingLimits("token-broker.store.")
        .demand(
            keys.isEmpty(),
            "key-files",
            keys.orElse("") + ".",
            "Name 1 to 4 readable files of 32 to 4096 bytes, the same on all replicas.")
        .demand(
            settings.prefix().matches("[a-z0-9-]{1,64}"),
            "prefix",
            "is not 1 to 64 lower-case letters, digits and hyphens.",
            "Give the name of this broker, the same on all replicas.")
        .demand(
            settings.replicaName().map(name -> name.matches("[\\w.-]{1,64}")).orElse(true),
            "replica-name",
            "is not 1 to 64 letters, digits, dots, hyphens and underscores.",
            "Give each replica a name of its own, or remove it.")
        .within("timeout-millis", settings.timeoutMillis(), 10, 2_000)
        .within("max-concurrent", settings.maxConcurrent(), MIN_CALLS, MAX_CALLS)
        .within("cool-down-millis", settings.coolDownMillis(), 100, 4_000)
        .within("max-skew", settings.maxSkew(), Duration.ofSeconds(1), Duration.ofMinutes(1))
        .demand(
            settings.maxSkew().compareTo(leeway) <= 0,
            "max-skew",
            "is %s, more than token-broker.dpop.leeway, %s.".formatted(settings.maxSkew(), leeway),
            "Set it to at most the leeway, or raise that.")
        .within("wait-replicas", settings.waitReplicas(), 0, MAX_REPLICAS)
        .within("wait-millis", settings.waitMillis(), 1, 1_000)
        .demand(
            settings.waitReplicas() == 0 || settings.waitMillis() < settings.timeoutMillis(),
            "wait-millis",
            "is not less than token-broker.store.timeout-millis, so that no claim would succeed.",
            "Set it to less, or the timeout to more.")
        .demand(
            settings.waitReplicas() == 0 || !cluster,
            "wait-replicas",
            "has no effect in a cluster: WAIT might reach another node than the claim.",
            "Set it to 0, or use Sentinel.")
        .unfit();
  }

  private static List<UnfitSetting> client(
      DpopSettings dpop, TlsConfigurationRegistry tls, SmallRyeConfig config) {
    List<String> hosts = hosts(config);
    SettingLimits limits =
        new SettingLimits("")
            .demand(
                !dpop.nonceRequired() || dpop.nonceSecretFile().isPresent(),
                "token-broker.dpop.nonce-secret-file",
                "is not set, so that replicas with one store would refuse each other's nonces.",
                "Name a readable file of 32 to 4096 bytes, the same on all replicas.")
            .demand(
                !hosts.isEmpty(),
                HOSTS,
                "is not set, and a store is shared.",
                "Set it to the address of the Valkey server, such as rediss://valkey.example:6379.");
    limits.demand(
        hosts.stream().allMatch(StoreRules::isWhole),
        HOSTS,
        "has an address without a host, or one that ends within its password.",
        "Percent-encode each '@', '/', '?', '#' and '%' of the password, such as %40 for '@'.");
    Optional<String> named = text(config, TLS_NAME);
    limits.demand(
        named.isEmpty() || hosts.stream().allMatch(host -> host.startsWith(TLS_SCHEME)),
        HOSTS,
        "has no rediss address for each server, so that " + TLS_NAME + " has no effect.",
        "Begin each address with rediss://.");
    limits.demand(
        named.isPresent()
            || config.getConfigMapping(StoreSettings.class).allowPlainTcp()
            || hosts.stream().allMatch(host -> host.startsWith(TLS_SCHEME) || isHere(host)),
        HOSTS,
        "has an address of another machine without TLS, which would show the store's password.",
        "Begin it with rediss://, or set token-broker.store.allow-plain-tcp to true.");
    if (hosts.stream().anyMatch(host -> host.startsWith(TLS_SCHEME))) {
      named.ifPresentOrElse(
          name -> PeerTlsRules.demand(tls, name, TLS_NAME, "the store's server", limits),
          () -> {
            tlsOf(config, limits);
            PeerTlsRules.demandTrust(tls.getDefault(), "quarkus.tls", limits);
          });
    }
    return limits.unfit();
  }

  /** Whether no character of a password was read as the end of it, or of the host. */
  private static boolean isWhole(String address) {
    try {
      URI uri = new URI(address);
      String authority = Objects.requireNonNullElse(uri.getRawAuthority(), "");
      return address.startsWith("unix:")
          || (uri.getHost() != null
              && address.indexOf('@') == address.lastIndexOf('@')
              && authority.contains("@") == address.contains("@"));
    } catch (URISyntaxException broken) {
      return false;
    }
  }

  /** Whether nothing sent to that address leaves the machine. */
  private static boolean isHere(String address) {
    return ON_THIS_MACHINE.matcher(address).matches();
  }

  /** TLS by {@code quarkus.redis.tls}; the client takes the default configuration beside it. */
  private static void tlsOf(Config config, SettingLimits limits) {
    limits
        .demand(
            CHECKED.equalsIgnoreCase(text(config, HOST_CHECK).orElse("")),
            HOST_CHECK,
            "does not check the name of the store's server.",
            "Remove it, or set it to HTTPS.")
        .demand(
            !config.getOptionalValue(TRUST_ALL, Boolean.class).orElse(false),
            TRUST_ALL,
            "trusts every server.",
            "Remove it, and give the authority of the server's certificate.");
  }

  /** The unsafe settings with which the broker still starts in production. */
  static List<String> unsafe(Config config) {
    return hosts(config).stream().allMatch(host -> host.startsWith(TLS_SCHEME) || isHere(host))
        ? List.of()
        : List.of(
            HOSTS
                + " has an address without TLS: the password of the store crosses the network in"
                + " clear. Begin each address with rediss://.");
  }

  private static List<String> hosts(Config config) {
    return config.getOptionalValues(HOSTS, String.class).orElse(List.of());
  }

  private static Optional<String> text(Config config, String key) {
    return config.getOptionalValue(key, String.class);
  }
}
