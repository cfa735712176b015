package dev.tokenbroker.peers.oauth;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The defaults of the broker for each client of {@code quarkus.oidc-client}: no discovery, one
 * request again, no redirects. A client with unfit settings is not enabled.
 *
 * <p>Quarkus makes the clients before any bean of ours can check a setting, and a client that waits
 * for its provider holds the start. The checks at the start then name the unfit settings.
 */
public final class OwnClientDefaults implements ConfigSourceInterceptor {

  private static final long serialVersionUID = 1L;

  private static final String ENABLED = "client-enabled";

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "connection-retry-count",
          OwnClientRules.RETRIES,
          "discovery-enabled",
          "false",
          "follow-redirects",
          "false");

  @Override
  public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
    ConfigValue value = context.proceed(name);
    if (!name.startsWith(OwnClientRules.PREFIX)) {
      return value;
    }
    String client = client(name, ENABLED);
    if (client != null) {
      boolean fit = isEnabled(value) && isFit(context, client);
      return fit ? value : of(name, "false");
    }
    for (Map.Entry<String, String> preset : DEFAULTS.entrySet()) {
      if (client(name, preset.getKey()) != null && isPreset(value)) {
        return of(name, preset.getValue());
      }
    }
    return value;
  }

  /** The client of that setting; null for another setting, or for the client without a name. */
  private static @Nullable String client(String name, String key) {
    int end = name.length() - key.length() - 1;
    if (end <= OwnClientRules.PREFIX.length() || !name.endsWith("." + key)) {
      return null;
    }
    return name.substring(OwnClientRules.PREFIX.length(), end);
  }

  private static boolean isFit(ConfigSourceInterceptorContext context, String client) {
    return OwnClientRules.unfit(
            unquoted(client),
            "true".equals(text(context.restart(OwnClientRules.HTTP_TO_LOOPBACK))),
            key -> own(context.restart(OwnClientRules.PREFIX + client + "." + key)))
        .isEmpty();
  }

  private static String unquoted(String client) {
    return client.startsWith("\"") && client.endsWith("\"") && client.length() > 2
        ? client.substring(1, client.length() - 1)
        : client;
  }

  private static boolean isEnabled(@Nullable ConfigValue value) {
    return !"false".equalsIgnoreCase(text(value));
  }

  /** Whether nobody has set it: only the library's default is there. */
  private static boolean isPreset(@Nullable ConfigValue value) {
    return value == null || value.getConfigSourceOrdinal() == Integer.MIN_VALUE;
  }

  private static @Nullable String own(@Nullable ConfigValue value) {
    return isPreset(value) ? null : text(value);
  }

  private static @Nullable String text(@Nullable ConfigValue value) {
    return value == null ? null : value.getValue();
  }

  private static ConfigValue of(String name, String value) {
    return ConfigValue.builder()
        .withName(name)
        .withValue(value)
        .withRawValue(value)
        .withConfigSourceName(OwnClientDefaults.class.getSimpleName())
        .withConfigSourceOrdinal(Integer.MIN_VALUE)
        .build();
  }
}
