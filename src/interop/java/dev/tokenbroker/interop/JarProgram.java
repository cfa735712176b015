package dev.tokenbroker.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An application that the profile interop builds, in a process, at a port that the system chose.
 */
final class JarProgram implements AutoCloseable {

  private static final Path BUILT = Path.of("target", "interop").toAbsolutePath();
  private static final Pattern LISTENS =
      Pattern.compile("(?:Listening on: http://127\\.0\\.0\\.1:|Tomcat started on port )(\\d+)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final CompletableFuture<URI> address = new CompletableFuture<>();

  private JarProgram(Process process) {
    this.process = process;
  }

  /** Starts the one of {@code src/interop/quarkus} and waits until it listens. */
  static JarProgram quarkus(Map<String, String> settings) {
    return start(
        "quarkus/quarkus-app/quarkus-run.jar",
        Map.of("quarkus.http.host", "127.0.0.1", "quarkus.http.port", "0"),
        settings);
  }

  /** Starts the one of {@code src/interop/spring} and waits until it listens. */
  static JarProgram spring(Map<String, String> settings) {
    return start(
        "spring/service.jar", Map.of("server.address", "127.0.0.1", "server.port", "0"), settings);
  }

  private static JarProgram start(
      String jar, Map<String, String> address, Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    address.forEach((key, value) -> command.add("-D" + key + "=" + value));
    settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-jar", BUILT.resolve(jar).toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    try {
      JarProgram program = new JarProgram(builder.start());
      Thread.ofVirtual().start(program::read);
      program.uri();
      return program;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** The base address of the application. */
  URI uri() {
    try {
      return address.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException failed) {
      close();
      throw new AssertionError("it does not listen:\n" + String.join("\n", lines), failed);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        Matcher listening = LISTENS.matcher(line);
        if (listening.find()) {
          address.complete(URI.create("http://127.0.0.1:" + listening.group(1)));
        }
      }
    } catch (IOException closed) {
      // The process was killed while a line was read.
    } finally {
      address.completeExceptionally(new IOException("the process has ended"));
    }
  }
}
