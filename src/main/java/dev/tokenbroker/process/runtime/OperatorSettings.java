package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.text.SecretValues;
import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import io.quarkus.logging.json.runtime.JsonLogConfig;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.opentelemetry.runtime.config.runtime.OTelRuntimeConfig;
import io.quarkus.opentelemetry.runtime.config.runtime.exporter.OtlpExporterRuntimeConfig;
import io.quarkus.redis.runtime.client.config.RedisConfig;
import io.quarkus.runtime.logging.LogRuntimeConfig;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.quarkus.vertx.http.runtime.DefaultAuthConfig;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.management.ManagementConfig;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertyNamesMatcher;
import io.smallrye.config.SmallRyeConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Checks what operators have set, whatever feature it is for: names that Quarkus does not know,
 * blanks around values, secrets in the place of a path, and ports that are used twice.
 */
final class OperatorSettings {

  /**
   * The settings of Quarkus in the groups that the documents name. Read when a native executable is
   * built, since the executable cannot read them.
   */
  private static final PropertyNamesMatcher KNOWN =
      ConfigMappings.propertyNamesMatcher(
          Stream.<Class<?>>of(
                  DefaultAuthConfig.class,
                  JsonLogConfig.class,
                  LogRuntimeConfig.class,
                  ManagementConfig.class,
                  OidcClientsConfig.class,
                  OTelRuntimeConfig.class,
                  OtlpExporterRuntimeConfig.class,
                  RedisConfig.class,
                  TlsConfig.class,
                  VertxHttpConfig.class)
              .map(ConfigClass::configClass)
              .toList());

  private static final String GROUPS =
      "quarkus\\.(http|log|management|oidc-client|otel|redis|tls)\\..*";

  /**
   * Sources of a higher ordinal are the operator's; the jar's own has 250, the build's the highest.
   */
  private static final int OWN_ORDINAL = 250;

  private static final int BUILD_ORDINAL = Integer.MAX_VALUE;

  /** Before {@code host} and {@code port}; the port for TLS opens with a certificate only. */
  private static final List<String> LISTENERS =
      List.of("quarkus.http.", "quarkus.management.", "token-broker.grpc.");

  private OperatorSettings() {}

  /** The settings with which the broker does not start; empty if it may. */
  static List<UnfitSetting> unfit(SmallRyeConfig config) {
    SettingLimits limits = new SettingLimits("");
    for (String name : config.getPropertyNames()) {
      ConfigValue set = config.getConfigValue(name);
      boolean quarkus = name.matches(GROUPS);
      if (set.getSourceOrdinal() > OWN_ORDINAL
          && set.getSourceOrdinal() < BUILD_ORDINAL
          && (quarkus || name.startsWith("token-broker."))) {
        String value = Objects.requireNonNullElse(set.getValue(), "");
        String problem = problem(name, value, !quarkus || KNOWN.matches(name));
        limits.demand(problem.isEmpty(), shown(name), problem, "or remove the setting.");
      }
    }
    Map<String, String> used = new HashMap<>();
    boolean plain =
        !config
            .getOptionalValue("quarkus.http.insecure-requests", String.class)
            .orElse("")
            .equalsIgnoreCase("disabled");
    for (String listener : plain ? LISTENERS : LISTENERS.subList(1, LISTENERS.size())) {
      int port = config.getOptionalValue(listener + "port", Integer.class).orElse(0);
      String host =
          config
              .getOptionalValue(listener + "host", String.class)
              .orElseGet(() -> config.getConfigValue("quarkus.http.host").getValue());
      String other = port > 0 ? used.putIfAbsent(host + " " + port, listener + "port") : null;
      limits.demand(
          other == null,
          listener + "port",
          "is " + port + ", as " + other + " is.",
          "Choose another port.");
    }
    return limits.unfit();
  }

  private static String problem(String name, String value, boolean known) {
    if (!known) {
      return "is the name of no setting that can be set at the start. Correct the name,";
    }
    if (SecretValues.isPastedSecret(name, value)) {
      return "is no path, but a text of %d characters. Write the text to a file, and name that file,"
          .formatted(value.length());
    }
    if (name.equals("quarkus.http.http2") && value.equals("true")) {
      return "is true, and the broker's HTTP port takes HTTP/1.1 only. Set it to false,";
    }
    return value.equals(value.strip()) || name.startsWith("quarkus.log.")
        ? ""
        : "begins or ends with a blank. Remove the blank,";
  }

  /** The name as the operator wrote it. */
  private static String shown(String name) {
    String variable = SettingNames.variable(name);
    return System.getenv(variable) == null ? name : variable;
  }
}
