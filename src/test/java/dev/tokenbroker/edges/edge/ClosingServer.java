package dev.tokenbroker.edges.edge;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Reads the first bytes of each connection and closes it: what a flood costs its sender alone. */
final class ClosingServer implements AutoCloseable {

  private static final int BACKLOG = 1_000;

  private final ServerSocket listening;
  private final ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();

  private ClosingServer() throws IOException {
    listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
  }

  static ClosingServer start() {
    try {
      ClosingServer server = new ClosingServer();
      var _ = server.connections.submit(server::accept);
      return server;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listening.accept();
        var _ = connections.submit(() -> readAndClose(connection));
      }
    } catch (IOException closed) {
      // The test has ended.
    }
  }

  private static void readAndClose(Socket connection) {
    try (connection) {
      var _ = connection.getInputStream().read(new byte[1 << 14]);
    } catch (IOException closed) {
      // By its sender.
    }
  }

  @Override
  public void close() {
    Unchecked.run(listening::close);
    connections.shutdownNow();
  }
}
