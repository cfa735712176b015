package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.text.SecretValues;
import dev.tokenbroker.evaluate.revocation.AccessSettings;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.ConfigValidationException;
import java.io.File;
import java.net.BindException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Ends a failed start, whatever failed, with one line and an exit code: the settings that the
 * failure speaks of, the messages of its causes, and a remedy. The line has no secret of any
 * setting. A line of our own checks is complete, and stays as it is.
 */
final class FailedStart {

  private static final String BEGIN = "The broker does not start:";

  static final String TOO_FEW_FILES =
      BEGIN
          + " ulimit -n: allows too few open files. Set it to 256 at least, and one more for each"
          + " connection.";

  private static final int MAX_CHARS = 10_000;

  /** What operators set has a higher ordinal; the jar's own source has 250. */
  private static final int OWN_ORDINAL = 250;

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "quarkus.http.port", "8080",
          "quarkus.http.ssl-port", "8443",
          "quarkus.management.port", "9100",
          "token-broker.grpc.port", "9000");

  private static final Pattern NAMED = Pattern.compile("(?<![\\w.])(quarkus|token-broker)\\.[a-z]");

  /** The part of Quarkus that failed, which has the group of settings of that name. */
  private static final Pattern PART = Pattern.compile("io\\.quarkus\\.(tls|redis|oidc)\\.");

  /** What wrappers and libraries say beside the message. */
  private static final Pattern NOISE =
      Pattern.compile(
          "(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error): |SRCFG\\d+: |^Failed to start quarkus$"
              + "|^Configuration validation failed:\\s+");

  private static final Pattern UNREADABLE =
      Pattern.compile(
          "(?s)The config property (\\S+) with the config value (\".*?\") threw an Exception whilst"
              + " being converted");

  private FailedStart() {}

  /** Ends the process; without a failure, it was asked to stop. Dev mode starts again instead. */
  static void ended(int code, @Nullable Throwable failure) {
    int exit = failure == null ? code : told(failure).number();
    if (LaunchMode.current() == LaunchMode.DEVELOPMENT) { // which is known once it has started
      ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(code, failure);
      return;
    }
    System.exit(exit);
  }

  /** Writes the line. Quarkus leaves that to us, in dev mode as well. */
  private static ExitCode told(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      causes.add(cause);
    }
    Throwable last = causes.getLast();
    boolean refused =
        last instanceof BindException
            || (last instanceof SocketException && "Permission denied".equals(last.getMessage()));
    Map<String, String> settings = settings();
    String said =
        causes.stream()
            .map(FailedStart::said)
            .filter(message -> !message.isEmpty())
            .distinct()
            .collect(Collectors.joining(": "));
    String remedy =
        refused
            ? ". Choose another address or port, or end the process that uses it."
            : replacements(settings) + ". Correct the settings or the machine, and start again.";
    String line =
        said.startsWith(BEGIN) ? said : BEGIN + named(said, causes, settings) + " " + said + remedy;
    String one = SecretValues.of(settings).mask(line).strip().replaceAll("\\s+", " ");
    String cut = Evidence.escaped(one.substring(0, Math.min(one.length(), MAX_CHARS)));
    if (InitialConfigurator.DELAYED_HANDLER.isActivated()
        && causes.stream().noneMatch(ConfigValidationException.class::isInstance)) {
      Logger.getLogger(FailedStart.class).fatal(cut);
    } else { // the log is not set up
      Terminal.ofProcess().complain(Commands.NAME + ": " + cut);
    }
    return refused ? ExitCode.OS : ExitCode.CONFIG;
  }

  /** What replaces the removed settings that are still set. */
  private static String replacements(Map<String, String> settings) {
    return settings.entrySet().stream()
        .flatMap(
            setting ->
                AccessSettings.replacement(
                    SecretValues.normal(setting.getKey()), setting.getValue())
                    .stream())
        .map(lines -> ". " + lines)
        .collect(Collectors.joining());
  }

  private static String said(Throwable failure) {
    String message = failure.getMessage();
    if (message == null) {
      return failure.getCause() == null ? failure.getClass().getSimpleName() : "";
    }
    String plain = NOISE.matcher(message).replaceAll("").replace("\n\t", ". ");
    return UNREADABLE.matcher(plain).replaceAll("$1: is $2, which cannot be read:").strip();
  }

  /**
   * The settings whose values the failure repeats, and those of the part that failed. Of these, a
   * value is shown only if it names a file: it may be a secret that {@link SecretValues} misses.
   */
  private static String named(String said, List<Throwable> causes, Map<String, String> settings) {
    String part =
        causes.stream()
            .flatMap(cause -> Stream.of(cause.getStackTrace()))
            .map(frame -> PART.matcher(frame.getClassName()))
            .filter(Matcher::lookingAt)
            .findFirst()
            .map(found -> "quarkus-" + found.group(1) + "-.*")
            .orElse("");
    return settings.entrySet().stream()
        .filter(_ -> !NAMED.matcher(said).find())
        .filter(one -> repeats(said, one) || SecretValues.normal(one.getKey()).matches(part))
        .map(
            one ->
                repeats(said, one) || new File(one.getValue()).exists()
                    ? " " + one.getKey() + "=" + one.getValue() + ":"
                    : " " + one.getKey() + ":")
        .collect(Collectors.joining());
  }

  private static boolean repeats(String said, Map.Entry<String, String> setting) {
    String value = Pattern.quote(setting.getValue());
    return setting.getValue().length() > 1
        && SecretValues.normal(setting.getKey()).matches("(quarkus|token-broker)-.*")
        && Pattern.compile("(?<!\\w)" + value + "(?!\\w)").matcher(said).find();
  }

  /** What operators have set, by the name in its source, and the ports that they have not. */
  private static Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>(DEFAULTS);
    settings.putAll(System.getenv());
    try {
      for (ConfigSource source : ConfigUtils.configBuilder().build().getConfigSources()) {
        if (source.getOrdinal() > OWN_ORDINAL) {
          settings.putAll(source.getProperties());
        }
      }
    } catch (RuntimeException unreadable) {
      System.getProperties().forEach((name, value) -> settings.put("" + name, "" + value));
    }
    return settings;
  }
}
