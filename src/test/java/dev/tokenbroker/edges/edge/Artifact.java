package dev.tokenbroker.edges.edge;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/**
 * What the build has produced.
 *
 * @param file the executable, or the jar that starts the application
 */
public record Artifact(boolean isNative, Path file) {

  /**
   * Ctrl-C counts, also where the tests run in the background of a shell, which ignores it. Empty
   * where {@code env} is not that of GNU: there they have to run in the foreground.
   */
  private static final List<String> HEEDING_INTERRUPTS =
      works("env", "--default-signal=INT", "true")
          ? List.of("env", "--default-signal=INT")
          : List.of();

  /** As the build noted it, in {@code target/quarkus-artifact.properties}. */
  public static Artifact built() {
    Path target = Path.of("target").toAbsolutePath();
    Properties noted = new Properties();
    try (Reader in = Files.newBufferedReader(target.resolve("quarkus-artifact.properties"))) {
      noted.load(in);
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
    return new Artifact(
        noted.getProperty("type").equals("native"), target.resolve(noted.getProperty("path")));
  }

  /** Where the jars are that it is made of: the application's own, and those it uses in lib. */
  public Path jars() {
    return isNative
        ? Path.of(file.toString().replaceFirst("-runner$", "-native-image-source-jar"))
        : Objects.requireNonNull(file.getParent());
  }

  /** The command that starts it with these system properties, each {@code KEY=VALUE}. */
  public List<String> command(List<String> properties) {
    List<String> defined = properties.stream().map(property -> "-D" + property).toList();
    List<String> command = new ArrayList<>(HEEDING_INTERRUPTS);
    if (isNative) {
      command.add(file.toString());
      command.addAll(defined);
    } else {
      // These processes live for seconds: less compiling, collecting and checking makes them
      // cheaper.
      command.addAll(
          List.of(
              System.getProperty("java.home") + "/bin/java",
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC",
              "-XX:+UnlockDiagnosticVMOptions",
              "-XX:-BytecodeVerificationRemote"));
      command.addAll(defined);
      command.addAll(List.of("-jar", file.toString()));
    }
    return command;
  }

  private static boolean works(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }
}
