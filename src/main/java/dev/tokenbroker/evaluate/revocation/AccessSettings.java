package dev.tokenbroker.evaluate.revocation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who may operate the broker without a token. */
@ConfigMapping(prefix = "token-broker.access")
public interface AccessSettings {

  /**
   * Whether callers on loopback count as operators without a token. For dev mode: a start in
   * production with it is refused.
   */
  @WithDefault("false")
  boolean operatorsOnLoopback();

  /**
   * The lines of the federation document that replace a removed setting, which listed clients of
   * introspection or revocation; empty for any other setting.
   *
   * @param name the setting or its variable, in lower case with hyphens and no dots
   */
  static Optional<String> replacement(String name, String value) {
    String key = name.replaceFirst("-\\d+-?$", ""); // a list may be set one by one
    String right =
        switch (key) {
          case "token-broker-access-introspection-clients",
              "token-broker-access-introspection-certificates" ->
              "introspect";
          case "token-broker-access-revocation-clients",
              "token-broker-access-revocation-certificates" ->
              "revoke";
          default -> "";
        };
    if (right.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.stream(value.split(",", -1))
            .map(entry -> client(entry.strip(), key.endsWith("-clients"), right))
            .collect(
                Collectors.joining(
                    ", ",
                    "Clients are entries of the federation document, one for each with all its"
                        + " rights: clients: [",
                    "]")));
  }

  private static String client(String entry, boolean secret, String right) {
    int equals = entry.indexOf('=');
    return secret && equals > 0
        ? "{name: %s, secretFile: %s, may: [%s]}"
            .formatted(entry.substring(0, equals), entry.substring(equals + 1), right)
        : "{name: NAME, certificates: [\"%s\"], may: [%s]}".formatted(entry, right);
  }
}
