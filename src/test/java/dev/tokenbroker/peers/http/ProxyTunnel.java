package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A proxy that answers CONNECT with one status, and connects to one local port. */
public final class ProxyTunnel implements AutoCloseable {

  private final ServerSocket listening;
  private final int target;
  private final String status;
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  public ProxyTunnel(int target, String status) throws IOException {
    this.listening = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    this.target = target;
    this.status = status;
    Thread.ofVirtual().start(this::accept);
  }

  /** Host and port, as the setting has it. */
  public String address() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  /** The request lines. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket caller = listening.accept();
        Thread.ofVirtual().start(() -> serve(caller));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket caller) {
    try (caller;
        Socket peer = new Socket(InetAddress.ofLiteral("127.0.0.1"), target)) {
      BufferedReader head =
          new BufferedReader(new InputStreamReader(caller.getInputStream(), ISO_8859_1), 1);
      asked.add(head.readLine());
      for (String line = head.readLine(); line != null && !line.isEmpty(); ) {
        line = head.readLine();
      }
      String version = status.matches("\\d.*") ? "HTTP/1.1 " : "";
      caller.getOutputStream().write((version + status + "\r\n\r\n").getBytes(ISO_8859_1));
      if (status.startsWith("200")) {
        Thread back = Thread.ofVirtual().start(() -> copy(peer, caller));
        caller.getInputStream().transferTo(peer.getOutputStream());
        back.interrupt();
      }
    } catch (IOException closed) {
      // The test ends, or the caller has refused the certificate.
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.close();
    } catch (IOException closed) {
      throw new UncheckedIOException(closed);
    }
  }
}
