package dev.tokenbroker.edges.edge;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A free port for a process that must be told one. It is below those that systems give to sockets
 * without a port, so that nobody gets it before a slow process listens there.
 */
public final class FreePort {

  private static final int LEAST = 20_000;
  private static final int END = 32_000;
  private static final int ATTEMPTS = 100;

  private FreePort() {}

  public static int find() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LEAST, END);
      if (isFree(port)) {
        return port;
      }
    }
    throw new AssertionError("no free port from " + LEAST + " to " + END);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (BindException taken) {
      return false;
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }
}
