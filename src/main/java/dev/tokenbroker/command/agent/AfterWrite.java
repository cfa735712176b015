package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.outcome.ProcessSignals;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What tells a program that a file has a new token. */
sealed interface AfterWrite {

  /** Nothing: programs read the file again by themselves. */
  record Nothing() implements AfterWrite {}

  /**
   * A signal.
   *
   * @param name without SIG
   * @param processFile the file with the number of the process; null for the agent's own command
   */
  record Signal(String name, @Nullable Path processFile) implements AfterWrite {}

  /** A program and its arguments, run without a shell for at most {@link #LONGEST}. */
  record Program(List<String> command) implements AfterWrite {}

  /** The longest run of a program. */
  Duration LONGEST = Duration.ofSeconds(30);

  /** More than the digits of any process number, and the end of a line. */
  int MAX_PROCESS_FILE_BYTES = 1024;

  /**
   * Does it, and waits for its end.
   *
   * @param own the agent's own command; null while it does not run
   * @return the problem; empty if there is none
   */
  default Optional<String> tell(@Nullable Process own) {
    return switch (this) {
      case Nothing _ -> Optional.empty();
      case Signal(String name, Path file) when file != null -> tell(name, file);
      // A command that starts later reads the file that is there.
      case Signal(String name, Path _) ->
          own == null || ProcessSignals.send(own.pid(), name)
              ? Optional.empty()
              : Optional.of("SIG" + name + " cannot be sent to the command");
      case Program(List<String> command) -> run(command);
    };
  }

  private static Optional<String> tell(String name, Path processFile) {
    return switch (FileContent.bytes(processFile, MAX_PROCESS_FILE_BYTES)) {
      case Unusable<byte[]>(String problem) -> Optional.of("the pidFile " + problem);
      case Usable<byte[]>(byte[] content) -> {
        String number = new String(content, StandardCharsets.ISO_8859_1).strip();
        yield number.matches("\\d{1,10}") && ProcessSignals.send(Long.parseLong(number), name)
            ? Optional.empty()
            : Optional.of("SIG" + name + " cannot be sent to the process of the pidFile");
      }
    };
  }

  private static Optional<String> run(List<String> command) {
    try {
      Process program =
          new ProcessBuilder(command).inheritIO().redirectInput(new File("/dev/null")).start();
      try {
        if (!program.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
          return Optional.of("its command did not end in time, and was ended");
        }
        return program.exitValue() == 0
            ? Optional.empty()
            : Optional.of("its command ended with code " + program.exitValue());
      } finally {
        program.descendants().forEach(ProcessHandle::destroyForcibly);
        program.destroyForcibly();
      }
    } catch (IOException cannot) {
      return Optional.of("its command cannot be started");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.of("its command was interrupted");
    }
  }
}
