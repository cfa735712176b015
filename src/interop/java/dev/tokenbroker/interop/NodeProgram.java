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
 * One of the programs of {@code src/interop/node}, running: it answers one line of JSON with one
 * line of JSON. For one thread.
 */
final class NodeProgram implements AutoCloseable {

  /** Where the build has put the programs and their libraries. */
  private static final Path HOME = Path.of("target", "interop", "node").toAbsolutePath();

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final BufferedWriter questions;
  private final BufferedReader answers;
  private final Path errors;

  private NodeProgram(Process process, Path errors) {
    this.process = process;
    this.questions = process.outputWriter(UTF_8);
    this.answers = process.inputReader(UTF_8);
    this.errors = errors;
  }

  /** Starts one that trusts that broker's certificate, beside those that Node trusts by itself. */
  static NodeProgram start(String program, InteropBroker broker, String... arguments) {
    List<String> command = new ArrayList<>(List.of("node", program));
    command.addAll(List.of(arguments));
    try {
      Path errors = Files.createTempFile(HOME, program, ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(HOME.toFile()).redirectError(errors.toFile());
      // Nothing of this machine's but where Node is: proxies are for others.
      String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
      builder.environment().clear();
      builder.environment().put("PATH", path);
      builder.environment().put("NODE_EXTRA_CA_CERTS", broker.root().toString());
      builder.environment().put("GRPC_TRACE", "keepalive");
      builder.environment().put("GRPC_VERBOSITY", "DEBUG");
      return new NodeProgram(builder.start(), errors);
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
