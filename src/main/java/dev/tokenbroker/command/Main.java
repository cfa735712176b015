package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.runtime.JVMUnsafeWarningsControl;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Where the process begins: it serves, unless the arguments name another command. */
@QuarkusMain
public final class Main {

  /** What application.properties, which cannot count, takes for the number of event loops. */
  private static final String PROCESSORS = "available-processors";

  private Main() {}

  public static void main(String... args) {
    System.setProperty(PROCESSORS, String.valueOf(Runtime.getRuntime().availableProcessors()));
    // Where TLS 1.2 is allowed, no second handshake within a connection, which costs a client less
    // than us, and which HTTP/2 forbids (RFC 9113 section 9.2.1). Read once, with the first one.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    if (args.length == 0) {
      Quarkus.run();
      return;
    }
    if (!args[0].equals(Commands.SERVE)) {
      // Commands speak through their console alone; what libraries have to tell is for the log of a
      // server. What the JDK warns of goes past both: Netty and protobuf use sun.misc.Unsafe.
      JVMUnsafeWarningsControl.disableUnsafeRelatedWarnings();
      Logger.getLogger("").setLevel(Level.OFF);
      System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    }
    Console console = Console.ofProcess();
    AtomicBoolean ended = new AtomicBoolean(args[0].equals(Commands.SERVE));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupted(console, ended)));
    Commands commands = new Commands(console, Quarkus::run);
    Optional<ExitCode> code;
    try {
      code = commands.run(args);
    } finally {
      ended.set(true);
    }
    code.ifPresent(how -> System.exit(how.number()));
  }

  /** The JVM ends the process for the signal by itself, with 128 and the signal's number. */
  private static void interrupted(Console console, AtomicBoolean ended) {
    if (!ended.get()) {
      console.complain(Commands.NAME, "interrupted");
    }
  }
}
