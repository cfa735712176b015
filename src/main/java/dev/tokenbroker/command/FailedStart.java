package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.base.outcome.RefusedStart;
import dev.tokenbroker.base.outcome.SecretValues;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.ConfigValidationException;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Ends a failed start, whatever failed, with one line and an exit code. The line names the settings
 * that the failure speaks of, and has no secret of any setting.
 */
final class FailedStart {

  static final String BEGIN = "The broker does not start: ";
  private static final int MAX_CHARS = 10_000;

  /** Sources of a higher ordinal are the operator's; the jar's own has 250. */
  private static final int OWN_ORDINAL = 250;

  /** The settings that a failure in one of these packages is about. */
  private static final Map<String, String> GROUPS =
      Map.of(
          "io.quarkus.tls.", "quarkus-tls-",
          "io.quarkus.redis.", "quarkus-redis-",
          "io.quarkus.oidc.client.", "quarkus-oidc-client-",
          "io.quarkus.opentelemetry.", "quarkus-otel-",
          "io.quarkus.runtime.logging.", "quarkus-log-");

  private static final Map<String, String> PORTS =
      Map.of(
          "8080", "quarkus.http.port",
          "8443", "quarkus.http.ssl-port",
          "9100", "quarkus.management.port");

  /** A wrapper repeats its cause, the class first. */
  private static final Pattern CLASSES =
      Pattern.compile("(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error): ");

  private static final Pattern UNREADABLE =
      Pattern.compile(
          "(?:\\S+: )?SRCFG00039: .*? property (\\S+) with the config value \"(.*)\" threw an"
              + " Exception whilst being converted ?(.*)",
          Pattern.DOTALL);

  private FailedStart() {}

  /** Ends the process; without a failure, it was asked to stop. */
  static void ended(int code, @Nullable Throwable failure) {
    if (failure == null) {
      System.exit(code);
      return;
    }
    Map<String, String> settings = settings();
    List<Throwable> causes =
        Stream.<@Nullable Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
            .map(Objects::requireNonNull)
            .toList();
    RefusedStart ours = causes.getLast() instanceof RefusedStart refused ? refused : null;
    String line = ours == null ? line(causes, settings) : said(ours);
    boolean unread = causes.stream().anyMatch(ConfigValidationException.class::isInstance);
    say(SecretValues.of(settings).mask(line), !unread);
    System.exit(
        ours == null
            ? (isSystem(causes) ? ExitCode.OS : ExitCode.CONFIG).number()
            : ours.exitCode());
  }

  private static boolean isSystem(List<Throwable> causes) {
    Throwable root = causes.getLast();
    return root instanceof SocketException
        || root instanceof UnresolvedAddressException
        || root instanceof VirtualMachineError
        || said(root).contains(OpenFiles.EXHAUSTED);
  }

  private static String line(List<Throwable> causes, Map<String, String> settings) {
    for (Throwable cause : causes) {
      if (cause instanceof ConfigValidationException unfit) {
        return BEGIN
            + IntStream.range(0, unfit.getProblemCount())
                .mapToObj(at -> problem(unfit.getProblem(at).getMessage()))
                .collect(Collectors.joining(" "));
      }
    }
    if (said(causes.getLast()).contains(OpenFiles.EXHAUSTED)) {
      return BEGIN + OpenFiles.REMEDY;
    }
    List<UnfitSetting> files = FileSettings.unfit(settings);
    if (!files.isEmpty()) {
      return BEGIN
          + files.stream()
              .map(file -> file.setting() + ": " + file.problem() + " " + file.remedy())
              .collect(Collectors.joining(" "));
    }
    String said =
        causes.stream()
            .map(FailedStart::said)
            .filter(message -> !message.equals("Failed to start quarkus"))
            .distinct()
            .collect(Collectors.joining(": "));
    boolean address = isSystem(causes);
    List<String> named = named(said, causes, settings, address);
    return BEGIN
        + (named.isEmpty() ? "" : String.join(", ", named) + ": ")
        + said
        + (address
            ? ". Choose another address or port, or end the process that uses it."
            : ". Correct the settings or the machine, and start again.");
  }

  /** The settings whose values the failure repeats; without any, those of the part that failed. */
  private static List<String> named(
      String said, List<Throwable> causes, Map<String, String> settings, boolean address) {
    List<String> named =
        settings.entrySet().stream()
            .filter(one -> one.getKey().matches("(?i)(quarkus|token.broker)\\W?.*"))
            .filter(one -> !address || one.getKey().matches("(?i).*(port|host)"))
            .filter(one -> repeats(said, one.getValue()))
            .map(one -> one.getKey() + "=" + one.getValue())
            .toList();
    if (!named.isEmpty() || address) {
      return named.isEmpty()
          ? PORTS.entrySet().stream()
              .filter(port -> repeats(said, port.getKey()))
              .map(port -> port.getValue() + "=" + port.getKey())
              .toList()
          : named;
    }
    return causes.stream()
        .flatMap(cause -> Stream.of(cause.getStackTrace()))
        .flatMap(
            frame ->
                GROUPS.entrySet().stream()
                    .filter(group -> frame.getClassName().startsWith(group.getKey())))
        .findFirst()
        .map(Map.Entry::getValue)
        .map(
            group ->
                settings.keySet().stream()
                    .filter(name -> SecretValues.normal(name).startsWith(group))
                    .toList())
        .orElse(List.of());
  }

  private static boolean repeats(String said, String value) {
    return value.length() > 1
        && Pattern.compile("(?<!\\w)" + Pattern.quote(value) + "(?!\\w)").matcher(said).find();
  }

  private static String problem(@Nullable String message) {
    String said = String.valueOf(message);
    Matcher unreadable = UNREADABLE.matcher(said);
    return unreadable.matches()
        ? "%s: is \"%s\", which cannot be read: %s. Correct the value."
            .formatted(unreadable.group(1), unreadable.group(2), unreadable.group(3))
        : said.replaceFirst("^(\\S+: )?SRCFG\\d+: ", "") + ". Correct the setting.";
  }

  private static String said(Throwable failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : CLASSES.matcher(message).replaceAll("");
  }

  /** What the operator has set, by the name in its source. */
  private static Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>(System.getenv());
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

  /** Before the log is set up, a line of it would have no form yet. */
  private static void say(String line, boolean log) {
    String one = line.strip().replaceAll("\\s+", " ");
    String cut = Evidence.escaped(one.length() > MAX_CHARS ? one.substring(0, MAX_CHARS) : one);
    if (log && InitialConfigurator.DELAYED_HANDLER.isActivated()) {
      Logger.getLogger(FailedStart.class).fatal(cut);
    } else {
      Terminal.ofProcess().complain(Commands.NAME + ": " + cut);
    }
  }
}
