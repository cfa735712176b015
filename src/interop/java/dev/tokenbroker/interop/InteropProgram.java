package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One of the programs of {@code src/interop/node} or {@code src/interop/python}, running: it
 * answers one line of JSON with one line of JSON. For one thread.
 */
final class InteropProgram implements AutoCloseable {

  private static final Path LOGS = Path.of("target", "interop").toAbsolutePath();

  /** Where the build has put the programs in Node and their libraries. */
  private static final Path NODE = LOGS.resolve("node");

  private static final Path PYTHON = Path.of("src", "interop", "python").toAbsolutePath();

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final BufferedWriter questions;
  private final BufferedReader answers;
  private final Path errors;

  private InteropProgram(Process process, Path errors) {
    this.process = process;
    this.questions = process.outputWriter(UTF_8);
    this.answers = process.inputReader(UTF_8);
    this.errors = errors;
  }

  /** Starts one in Node that calls no broker. */
  static InteropProgram node(String program) {
    return start(NODE, List.of("node", program), Map.of());
  }

  /** Starts one in Node that trusts that broker's certificate, beside those that Node trusts. */
  static InteropProgram node(String program, InteropBroker broker, String... arguments) {
    List<String> command = new ArrayList<>(List.of("node", program));
    command.addAll(List.of(arguments));
    return start(
        NODE,
        command,
        Map.of(
            "NODE_EXTRA_CA_CERTS",
            broker.root().toString(),
            "GRPC_TRACE",
            "keepalive",
            "GRPC_VERBOSITY",
            "DEBUG"));
  }

  /**
   * Starts one in Debian's Python whose gRPC trusts that broker's certificate and no other.
   *
   * @param stubs the directory of generated modules
   */
  static InteropProgram python(
      String program, InteropBroker broker, Path stubs, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(DebianProgram.PYTHON.present().toString(), "-B", program));
    command.addAll(List.of(arguments));
    return start(
        PYTHON,
        command,
        Map.of(
            "PYTHONPATH",
            stubs.toString(),
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
            broker.root().toString()));
  }

  /** Starts one with nothing of this machine's environment but the path: proxies are for others. */
  static InteropProgram start(Path home, List<String> command, Map<String, String> environment) {
    try {
      Path errors = Files.createTempFile(LOGS, "program", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(home.toFile()).redirectError(errors.toFile());
      String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
      builder.environment().clear();
      builder.environment().put("PATH", path);
      builder.environment().putAll(environment);
      return new InteropProgram(builder.start(), errors);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Has it do that, and waits for what comes of it. */
  Answer ask(String command, Map<String, ?> arguments) {
    tell(command, arguments);
    return answer();
  }

  /** Has it do that; {@link #answer} is to be called before the next command. */
  void tell(String command, Map<String, ?> arguments) {
    Map<String, Object> line = new HashMap<>(arguments);
    line.put("do", command);
    try {
      questions.write(JSONObjectUtils.toJSONString(line));
      questions.newLine();
      questions.flush();
    } catch (IOException ended) {
      throw new AssertionError("the program has ended: " + errors(), ended);
    }
  }

  /** What came of the last command. */
  Answer answer() {
    String line =
        CompletableFuture.supplyAsync(this::line, task -> Thread.ofVirtual().start(task))
            .completeOnTimeout("", PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
    try {
      return new Answer(JSONObjectUtils.parse(line));
    } catch (ParseException none) {
      throw new AssertionError("no answer of the program: " + line + errors(), none);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      Files.delete(errors);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private String line() {
    try {
      String line = answers.readLine();
      return line == null ? "" : line;
    } catch (IOException ended) {
      return "";
    }
  }

  private String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
