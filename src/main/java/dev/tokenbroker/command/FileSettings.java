package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.SecretValues;
import dev.tokenbroker.base.outcome.SettingLimits;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks the files that Quarkus' settings name. Their libraries do not name the setting. */
final class FileSettings {

  private static final Pattern FILES =
      Pattern.compile(
          "quarkus-tls-.*(pem-(.+-)?(certs?|key)|(p12|jks)-path|revocation-list)(-\\d+)?"
              + "|quarkus-oidc-client-.*(keyring-name|key-file|jwt-token-path)");

  private FileSettings() {}

  /**
   * @param settings the values by name, as a property or as a variable
   */
  static List<UnfitSetting> unfit(Map<String, String> settings) {
    SettingLimits limits = new SettingLimits("");
    settings.forEach(
        (setting, value) -> {
          String name = SecretValues.normal(setting);
          if (FILES.matcher(name).matches()) {
            for (String file : value.split(",", -1)) {
              String problem = problem(name, file);
              limits.demand(
                  problem.isEmpty(),
                  setting,
                  "is \"" + file + "\", which " + problem + ".",
                  "Name a file that the broker can read.");
            }
          }
        });
    return limits.unfit();
  }

  private static String problem(String name, String value) {
    try {
      Path file = Path.of(value);
      if (!value.equals(value.strip())) {
        return "begins or ends with a blank";
      }
      if (!Files.exists(file)) {
        return "does not exist";
      }
      if (!Files.isRegularFile(file)) {
        return "is no file";
      }
      String content = Files.readString(file, StandardCharsets.ISO_8859_1);
      if (content.isBlank()) {
        return "is empty";
      }
      String begin =
          name.contains("key-store") && name.endsWith("key") ? "PRIVATE KEY" : "CERTIFICATE";
      return name.contains("-pem-") && !content.contains(begin + "-----")
          ? "has no PEM block " + begin
          : "";
    } catch (InvalidPathException noPath) {
      return "is no path";
    } catch (IOException unreadable) {
      return "cannot be read";
    }
  }
}
