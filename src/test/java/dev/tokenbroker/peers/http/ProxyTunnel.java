package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A proxy that answers CONNECT with one status, and connects to one local port. */
public final class ProxyTunnel implements AutoCloseable {

  private final FakeServer server;
  private final int target;
  private final String status;
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  public ProxyTunnel(int target, String status) {
    this.target = target;
    this.status = status;
    this.server = FakeServer.startRaw(this::serve);
  }

  /** Host and port, as the setting has it. */
  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /** The request lines. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() {
    server.close();
  }

  private void serve(Socket caller) throws IOException {
    try (Socket peer = new Socket(InetAddress.ofLiteral("127.0.0.1"), target)) {
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
