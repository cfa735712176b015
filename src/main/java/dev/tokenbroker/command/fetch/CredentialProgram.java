package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.refusal.Deadline;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program that prints a credential. It runs without a shell and without standard input. What it
 * says on standard error is not shown, since that may hold a secret.
 *
 * @param command the program and its arguments
 */
record CredentialProgram(List<String> command) {

  private static final File NOTHING = new File("/dev/null");

  /** What the program prints, at most the size of a credential. */
  String output(Deadline deadline) throws NoToken {
    Process process = started();
    try {
      byte[] output =
          CompletableFuture.supplyAsync(() -> read(process.getInputStream()))
              .get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      if (!process.waitFor(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
        throw tooLate();
      }
      if (process.exitValue() != 0) {
        throw none("ended with code " + process.exitValue());
      }
      return new String(output, UTF_8);
    } catch (TimeoutException late) {
      throw tooLate();
    } catch (ExecutionException broken) {
      throw none("broke off its output");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw none("was interrupted");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process started() throws NoToken {
    try {
      return new ProcessBuilder(command)
          .redirectInput(NOTHING)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException cannot) {
      throw none("cannot be started");
    }
  }

  private static byte[] read(InputStream in) {
    try (in) {
      return in.readNBytes(Credential.MAX_CHARS + 2); // with the end of a line
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private NoToken tooLate() {
    return new NoToken(
        NoToken.Kind.AWAY, command.getFirst() + " gave no credential in time, and was ended");
  }

  private NoToken none(String what) {
    return new NoToken(
        NoToken.Kind.NO_CREDENTIAL,
        command.getFirst() + " " + what + ": run it by hand to see what it says");
  }
}
