package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.edges.edge.Artifact;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the build has packed, be it a jar or a native executable, as a process of its own. Settings
 * are given as system properties, which both take.
 */
final class ProducedArtifact {

  private static final long PATIENCE_SECONDS = 60;

  /**
   * Root may read everything; without these two powers it is bound by permissions as others are.
   */
  private static final String BOUND_BY_PERMISSIONS =
      """
      if [ "$(id -u)" = 0 ]; then
        powers=-dac_override,-dac_read_search
        set -- setpriv --bounding-set=$powers --inh-caps=$powers "$@"
      fi
      exec "$@"
      """;

  private ProducedArtifact() {}

  /** How a process ended. */
  record Ended(int code, String out, String err) {}

  /** The command line that starts it with these settings, without arguments of its own. */
  private static List<String> command(Map<String, String> settings) {
    return Artifact.built()
        .command(
            settings.entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .toList());
  }

  /** Starts it with these arguments. */
  static Process start(Map<String, String> settings, List<String> args) {
    List<String> line = new ArrayList<>(command(settings));
    line.addAll(args);
    return launch(line);
  }

  /** Starts it by a shell, which sets up its streams: {@code script} says "$@" for the process. */
  static Process startBy(String script, List<String> args) {
    List<String> line = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    line.addAll(command(Map.of()));
    line.addAll(args);
    return launch(line);
  }

  /**
   * Runs it to its end as somebody who may not read a file that forbids it, whoever runs the tests.
   */
  static Ended runBoundByPermissions(String... args) {
    return end(startBy(BOUND_BY_PERMISSIONS, List.of(args)));
  }

  /** Runs it to its end with that on standard input. */
  static Ended run(String typed, String... args) {
    return run(Map.of(), typed, args);
  }

  /** The same with these settings. */
  static Ended run(Map<String, String> settings, String typed, String... args) {
    Process process = start(settings, List.of(args));
    try {
      process.outputWriter(UTF_8).append(typed).close();
    } catch (IOException gone) {
      // It has ended without reading, which the test sees.
    }
    return end(process);
  }

  /** Waits for the end. */
  static Ended end(Process process) {
    try (Reader out = process.inputReader(UTF_8);
        Reader err = process.errorReader(UTF_8)) {
      Ended ended = new Ended(0, out.readAllAsString(), err.readAllAsString());
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end: " + ended);
      }
      return new Ended(process.exitValue(), ended.out(), ended.err());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process launch(List<String> line) {
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().keySet().retainAll(List.of("PATH", "HOME"));
    return Unchecked.get(builder::start);
  }
}
