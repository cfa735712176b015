package dev.tokenbroker.process.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** Runs programs of this machine to their end. */
public final class Program {

  private Program() {}

  /** The output of a program that must succeed. */
  public static String run(List<String> command) {
    return Unchecked.get(
        () -> {
          Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
          String output = new String(program.getInputStream().readAllBytes(), UTF_8);
          if (program.waitFor() != 0) {
            throw new AssertionError(command + ": " + output);
          }
          return output;
        });
  }

  /** Sends a process a signal by its name, such as {@code TERM}. */
  public static void signal(long pid, String name) {
    run(List.of("kill", "-" + name, "" + pid));
  }
}
