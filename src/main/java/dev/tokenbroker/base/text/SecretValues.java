package dev.tokenbroker.base.text;

import java.io.File;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The secrets among the values of settings, to keep them out of all that a start prints. */
public final class SecretValues {

  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|passwd|passphrase|secret|secret-value|jwt-key|api-key|access-key|headers"
              + "|authorization)");
  private static final Pattern SECRET_FILE =
      Pattern.compile(
          ".*(key-files?|secret-file|keyring-name|jwt-token-path|(introspection|revocation)-clients"
              + "|pem(-.+)?-key)(-\\d+)?");
  private static final Pattern ADDRESS =
      Pattern.compile(".*(hosts?|urls?|uris?|endpoint|proxy|server|path)");
  private static final Pattern USER = Pattern.compile("(?<=://)[^,]*.*@", Pattern.DOTALL);

  /** Also of an address without a proper scheme. */
  private static final Pattern BEFORE_HOST =
      Pattern.compile("(?:(?<=//)|^(?!\\w*+:?//)).*@", Pattern.DOTALL);

  private static final Pattern PATH = Pattern.compile("(/[\\w.-]+/.*|.{1,99}\\.[a-z0-9]{2,4})?");
  private static final String SEPARATORS = "[,;=\\s:/@]+";
  private static final int SHORTEST = 3;

  private final List<String> values;

  private SecretValues(List<String> values) {
    this.values = values;
  }

  /**
   * Finds the secrets among settings by their names.
   *
   * @param settings the values by name, as a property or as a variable
   */
  public static SecretValues of(Map<String, String> settings) {
    return new SecretValues(
        settings.entrySet().stream()
            .flatMap(setting -> secrets(normal(setting.getKey()), setting.getValue()))
            .filter(secret -> secret.length() >= SHORTEST)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList());
  }

  /** The text with {@code ***} for each secret. */
  public String mask(String text) {
    String masked = text;
    for (String secret : values) {
      masked = masked.replace(secret, "***");
    }
    return masked;
  }

  /** The name of a setting, which may be a variable, in lower-case letters, digits and hyphens. */
  public static String normal(String setting) {
    return setting.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /** Whether a setting names a file with a secret, and its value may be that secret itself. */
  public static boolean isPastedSecret(String setting, String value) {
    return SECRET_FILE.matcher(normal(setting)).matches()
        && Arrays.stream(value.split(",", -1))
            .map(file -> file.strip().replaceFirst("^[\\w.-]+=", ""))
            .anyMatch(file -> !PATH.matcher(file).matches() && !new File(file).exists());
  }

  private static Stream<String> secrets(String name, String value) {
    Stream<String> secrets =
        SECRET.matcher(name).matches() || isPastedSecret(name, value)
            ? Stream.of(value)
            : (ADDRESS.matcher(name).matches() ? BEFORE_HOST : USER)
                .matcher(value)
                .results()
                .map(MatchResult::group);
    return secrets.flatMap(
        secret -> Stream.concat(Stream.of(secret), Arrays.stream(secret.split(SEPARATORS))));
  }
}
