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

/** The application of {@code src/interop/quarkus} in a process, at a port that the system chose. */
final class QuarkusProgram implements AutoCloseable {

  /** Where the build puts the application. */
  private static final Path JAR =
      Path.of("target", "interop", "quarkus", "quarkus-app", "quarkus-run.jar").toAbsolutePath();

  private static final Pattern ADDRESS =
      Pattern.compile("Listening on: (http://127\\.0\\.0\\.1:\\d+)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final CompletableFuture<URI> address = new CompletableFuture<>();

  private QuarkusProgram(Process process) {
    this.process = process;
  }

  /** Starts the application with these settings and waits until it listens. */
  static QuarkusProgram start(Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dquarkus.http.host=127.0.0.1");
    command.add("-Dquarkus.http.port=0");
    settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-jar", JAR.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    try {
      QuarkusProgram program = new QuarkusProgram(builder.start());
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
        Matcher listening = ADDRESS.matcher(line);
        if (listening.find()) {
          address.complete(URI.create(listening.group(1)));
        }
      }
    } catch (IOException closed) {
      // The process was killed while a line was read.
    } finally {
      address.completeExceptionally(new IOException("the process has ended"));
    }
  }
}
