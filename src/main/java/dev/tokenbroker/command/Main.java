package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Where the process begins: it serves, unless the arguments name another command. */
@QuarkusMain
public final class Main {

  private Main() {}

  public static void main(String... args) {
    if (args.length == 0) {
      Quarkus.run();
      return;
    }
    if (!args[0].equals(Commands.SERVE)) {
      // Commands speak through their console alone; what libraries have to tell is for the log of a
      // server.
      Logger.getLogger("").setLevel(Level.OFF);
      System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    }
    Commands commands = new Commands(Console.ofProcess(), Quarkus::run);
    commands.run(args).ifPresent(code -> System.exit(code.number()));
  }
}
