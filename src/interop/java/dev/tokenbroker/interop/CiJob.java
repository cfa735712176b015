package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A job of a CI platform: a directory, the variables of the platform, and programs of its own that
 * come before those of the machine.
 */
final class CiJob {

  /** The pieces that users copy. */
  static final Path ACTIONS = Path.of("src", "main", "actions").toAbsolutePath();

  private static final long PATIENCE_SECONDS = 60;

  private final Path home;
  private final Map<String, String> variables = new HashMap<>();

  /** What a program printed, errors included, and its exit code. */
  record Ended(int exit, String log) {}

  CiJob(Path home) {
    this.home = home;
    try {
      Path programs = Files.createDirectory(home.resolve("bin"));
      variables.put("PATH", programs + ":" + System.getenv("PATH"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    // Each call of curl leaves its arguments, as a list of processes would show them.
    program("curl", "printf '%s\\n' \"$@\" >>\"$0.arguments\"; exec /usr/bin/curl \"$@\"");
  }

  /** What YAML says, an object. */
  static Answer yaml(String text) {
    Map<String, Object> members = new HashMap<>();
    Object parsed = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    ((Map<?, ?>) parsed).forEach((name, value) -> members.put(String.valueOf(name), value));
    return new Answer(members);
  }

  Path file(String name) {
    return home.resolve(name);
  }

  /** The content of a file; empty if there is none. */
  String read(String name) {
    try {
      return Files.exists(file(name)) ? Files.readString(file(name)) : "";
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** A variable of the platform. */
  CiJob with(String name, String value) {
    variables.put(name, value);
    return this;
  }

  CiJob without(String name) {
    variables.remove(name);
    return this;
  }

  /** A program in the path of the job, in the language of the shell. */
  void program(String name, String script) {
    try {
      Path file = Files.writeString(home.resolve("bin").resolve(name), "#!/bin/sh\n" + script);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Runs a command to its end with the variables of the job and no others. */
  Ended run(List<String> command) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
      builder.environment().clear();
      builder.environment().putAll(variables);
      Path log = Files.createTempFile(home, "job", ".log");
      Process process = builder.redirectOutput(log.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " did not end: " + Files.readString(log, UTF_8));
      }
      return new Ended(process.exitValue(), Files.readString(log, UTF_8));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
