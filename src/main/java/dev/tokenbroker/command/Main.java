package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.peers.trust.CurrentTrust;
import io.quarkus.runtime.JVMUnsafeWarningsControl;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/** The entry point of the process: it serves, unless the arguments name another command. */
@QuarkusMain
public final class Main {

  /** The number of event loops in application.properties, which cannot count. */
  private static final String PROCESSORS = "available-processors";

  private static final Pattern TOO_FEW =
      Pattern.compile("Max open files +(\\d{1,2}|1\\d\\d|2[0-4]\\d|25[0-5]) ");

  private Main() {}

  public static void main(String... given) {
    String[] args = CredentialHelper.arguments(given);
    System.setProperty(PROCESSORS, String.valueOf(Runtime.getRuntime().availableProcessors()));
    // Forbids a second handshake within a connection of TLS 1.2. It costs a client less than us,
    // and HTTP/2 forbids it (RFC 9113 section 9.2.1). The JDK reads this once, at the first
    // handshake.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    if (args.length == 0) {
      CurrentTrust.install();
      serve();
      return;
    }
    if (!args[0].equals(Commands.SERVE)) {
      // Commands write only to their console; messages of libraries are for the log of a server.
      // Warnings of the JDK bypass both: Netty and protobuf use sun.misc.Unsafe.
      JVMUnsafeWarningsControl.disableUnsafeRelatedWarnings();
      Logger.getLogger("").setLevel(Level.OFF);
      System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    }
    Terminal console = Terminal.ofProcess(); // before any file is opened
    CurrentTrust.install();
    AtomicBoolean ended = new AtomicBoolean(args[0].equals(Commands.SERVE));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupted(console, ended)));
    Commands commands = new Commands(console, Main::serve);
    Optional<ExitCode> code;
    try {
      code = commands.run(args);
    } finally {
      ended.set(true);
    }
    code.ifPresent(how -> System.exit(how.number()));
  }

  /** Serves until the process is asked to stop. Dev mode and tests end a failed start otherwise. */
  private static void serve() {
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      Quarkus.run();
      return;
    }
    if (hasTooFewFiles()) {
      Terminal.ofProcess().complain(Commands.NAME + ": " + FailedStart.TOO_FEW_FILES);
      System.exit(ExitCode.OS.number());
    }
    try {
      Quarkus.run(null, FailedStart::ended);
    } catch (RuntimeException | Error failure) {
      FailedStart.ended(ExitCode.CONFIG.number(), failure);
    }
  }

  /** Whether fewer than 256 files may be open. With too few, even classes cannot be read. */
  private static boolean hasTooFewFiles() {
    try {
      return TOO_FEW.matcher(Files.readString(Path.of("/proc/self/limits"))).find();
    } catch (IOException notLinux) {
      return false;
    }
  }

  /** Reports an interrupt. The JVM itself ends the process, with 128 plus the signal's number. */
  private static void interrupted(Terminal console, AtomicBoolean ended) {
    if (!ended.get()) {
      console.complain(Commands.NAME, "interrupted");
    }
  }
}
