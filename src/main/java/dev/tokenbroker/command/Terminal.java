package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.command.report.Colour;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The input and output of a command. Results go to standard output, all else to standard error.
 * Both are UTF-8 whatever the locale says, since documents and verdicts are.
 */
final class Terminal {

  private static final Path STANDARD_INPUT = Path.of("/proc/self/fd/0");
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;
  private final boolean coloured;
  private final Map<String, String> environment;

  /**
   * @param terminal whether a person reads the output
   * @param environment the variables, such as {@code NO_COLOR} and {@code TERM}
   */
  Terminal(
      InputStream in,
      OutputStream out,
      OutputStream err,
      boolean terminal,
      Map<String, String> environment) {
    this.in = in;
    this.out = new PrintStream(new BufferedOutputStream(out), false, StandardCharsets.UTF_8);
    this.err = new PrintStream(new BufferedOutputStream(err), false, StandardCharsets.UTF_8);
    this.terminal = terminal;
    this.environment = Map.copyOf(environment);
    // A terminal has colours unless NO_COLOR is set (no-color.org).
    this.coloured =
        terminal
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
  }

  /** The console of this process. */
  static Terminal ofProcess() {
    return new Terminal(
        standardInput(),
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        leadsToTerminal(STANDARD_OUTPUT),
        System.getenv());
  }

  /** Standard input; read it within bounds. */
  InputStream in() {
    return in;
  }

  /** Whether the output goes to a terminal. */
  boolean isTerminal() {
    return terminal;
  }

  /** The value of an environment variable; empty where it is not set. */
  String variable(String name) {
    return environment.getOrDefault(name, "");
  }

  /** Writes a result, in colours where the terminal has them. */
  void print(String text) {
    out.print(coloured ? text : Colour.without(text));
  }

  /** Writes a result and ends the line. */
  void printLine(String line) {
    out.print(line);
    out.print('\n');
  }

  /** Writes one line about a problem. */
  void complain(String line) {
    err.print(line);
    err.print('\n');
    err.flush();
  }

  /** Writes a problem of a command; a token in the text is not shown. */
  void complain(String command, String what) {
    complain(command + ": " + Evidence.clean(what));
  }

  /** Writes out what is left; false if any result was lost. */
  boolean close() {
    return !out.checkError();
  }

  // If standard input is closed, its number goes to the first file that is opened and stays
  // open: in the JVM one of its own, in a native executable perhaps a source of random numbers.
  // The command must not take that file for input.
  private static InputStream standardInput() {
    return isOpen(STANDARD_INPUT) ? new FileInputStream(FileDescriptor.in) : closed();
  }

  private static boolean isOpen(Path input) {
    String javaHome = System.getProperty("java.home");
    try {
      Path file = Files.readSymbolicLink(input);
      return javaHome == null || !file.startsWith(javaHome);
    } catch (NoSuchFileException none) {
      return !Files.isDirectory(Path.of("/proc/self/fd")); // other systems have no such links
    } catch (IOException | UnsupportedOperationException notLinux) {
      return true;
    }
  }

  private static InputStream closed() {
    try {
      InputStream closed = InputStream.nullInputStream();
      closed.close();
      return closed;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /**
   * Whether a person reads that output. The JDK only says whether input and output both are a
   * terminal, and a credential may well come by a pipe. So the JDK decides only if the system does
   * not say.
   *
   * @param output the link by which Linux names the target of standard output
   */
  @SuppressWarnings("SystemConsoleNull") // since 25 it is null again where either is no terminal
  static boolean leadsToTerminal(Path output) {
    try {
      String device = Files.readSymbolicLink(output).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException notLinux) {
      java.io.Console both = System.console();
      return both != null && both.isTerminal();
    }
  }
}
