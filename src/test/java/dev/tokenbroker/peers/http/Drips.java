package dev.tokenbroker.peers.http;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** Writes an answer byte by byte. */
final class Drips {

  private static final int PAUSE_MILLIS = 20;

  private Drips() {}

  /** One byte each 20 ms, until the other side gives up. */
  static void write(Socket connection, int bytes) throws IOException {
    connection.setSoTimeout(PAUSE_MILLIS);
    for (int written = 0; written < bytes; written++) {
      connection.getOutputStream().write('a');
      connection.getOutputStream().flush();
      try {
        // The pause: nothing comes, but for the end.
        if (connection.getInputStream().read() < 0) {
          return;
        }
      } catch (SocketTimeoutException nothing) {
        // As expected.
      }
    }
  }
}
