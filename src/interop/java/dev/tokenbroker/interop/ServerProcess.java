package dev.tokenbroker.interop;

import dev.tokenbroker.edges.grpc.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A server of others in a process of its own, at a port of loopback. Closing kills it. */
final class ServerProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param port where it will listen
   * @param log for what it prints
   */
  static ServerProcess start(DebianProgram program, int port, Path log, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.present().toString()));
    command.addAll(List.of(arguments));
    try {
      ServerProcess server =
          new ServerProcess(
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(log.toFile())
                  .start());
      if (!Eventually.see(
          PATIENCE, () -> listens(port), listens -> listens || !server.process.isAlive())) {
        server.close();
        throw new AssertionError(command + " does not listen: " + Files.readString(log));
      }
      return server;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static boolean listens(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
