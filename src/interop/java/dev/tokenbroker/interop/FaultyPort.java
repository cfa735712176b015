package dev.tokenbroker.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A port of loopback whose connections are reset or never answered; closed, it refuses them. */
final class FaultyPort implements AutoCloseable {

  private final ServerSocket server;
  private final List<Socket> held = new CopyOnWriteArrayList<>();
  private final CountDownLatch called = new CountDownLatch(1);
  private volatile boolean hangs;

  FaultyPort(boolean hangs) {
    this.hangs = hangs;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    Thread.ofPlatform().daemon().start(this::accept);
  }

  int number() {
    return server.getLocalPort();
  }

  String origin() {
    return "http://127.0.0.1:" + number();
  }

  /** Holds the connections from now on. */
  void hang() {
    hangs = true;
  }

  /** Waits for the first connection. */
  void awaitCall() throws InterruptedException {
    called.await();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        held.add(connection);
        called.countDown();
        if (!hangs) {
          reset(connection);
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void reset(Socket connection) throws IOException {
    connection.setSoLinger(true, 0);
    connection.close();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket connection : held) {
        reset(connection);
      }
    } catch (IOException ended) {
      // A connection that is closed already.
    }
  }
}
