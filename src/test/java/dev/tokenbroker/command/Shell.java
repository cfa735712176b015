package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/** Runs commands in this process, with streams of its own. */
final class Shell {

  private InputStream in = new ByteArrayInputStream(new byte[0]);
  private boolean terminal;
  private final Map<String, String> environment = new HashMap<>();

  /**
   * How a command ended.
   *
   * @param code −1 where it served
   */
  record Ran(int code, String out, String err) {
    /** Ended by one line on standard error. */
    static Ran told(int code, String line) {
      return new Ran(code, "", "token-broker: " + line + "\n");
    }

    /** Ended by wrong usage of that command, of which its help says more. */
    static Ran misused(String command, String line) {
      return new Ran(
          2,
          "",
          "token-broker %1$s: %2$s; see 'token-broker %1$s --help'\n".formatted(command, line));
    }

    String all() {
      return err + out;
    }
  }

  Shell typing(String text) {
    return reading(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }

  Shell reading(InputStream input) {
    in = input;
    return this;
  }

  Shell onTerminal() {
    terminal = true;
    return this;
  }

  Shell with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Runs a command line of arguments with one space between them and none in them. */
  Ran line(String line) {
    return run(line.split(" ", -1));
  }

  Ran run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Ran ran = runInto(out, args);
    return new Ran(ran.code(), out.toString(UTF_8), ran.err());
  }

  /** The same with another standard output. */
  Ran runInto(OutputStream out, String... args) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal console = new Terminal(in, out, err, terminal, environment);
    int code = new Commands(console, () -> {}).run(args).orElse(-1);
    return new Ran(code, "", err.toString(UTF_8));
  }
}
