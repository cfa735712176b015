package dev.tokenbroker.command;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.UnaryOperator;

/** A server on loopback that answers the first bytes of each connection by bytes, and closes it. */
final class RawPeer implements AutoCloseable {

  private static final int FIRST_BYTES = 4096;

  private final ServerSocket listening;
  private final UnaryOperator<byte[]> script;

  private RawPeer(ServerSocket listening, UnaryOperator<byte[]> script) {
    this.listening = listening;
    this.script = script;
  }

  static RawPeer start(UnaryOperator<byte[]> script) {
    try {
      RawPeer peer =
          new RawPeer(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), script);
      Thread _ = Thread.ofVirtual().name("raw-peer").start(peer::accept);
      return peer;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  String origin() {
    return "https://127.0.0.1:" + listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket connection = listening.accept();
        Thread _ = Thread.ofVirtual().name("raw-connection").start(() -> answer(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void answer(Socket connection) {
    try (connection) {
      byte[] first = new byte[FIRST_BYTES];
      InputStream in = connection.getInputStream();
      if (in.read(first) > 0) {
        connection.getOutputStream().write(script.apply(first));
        connection.getOutputStream().flush();
        connection.shutdownOutput();
        while (in.read(first) >= 0) {
          // A close with unread bytes would be a reset, which may overtake the answer.
        }
      }
    } catch (IOException gone) {
      // The client has seen enough.
    }
  }

  @Override
  public void close() {
    Unchecked.run(listening::close);
  }
}
