package dev.tokenbroker.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Objects;

/**
 * The address of a caller: that of the connection, or the one that a trusted proxy names ({@code
 * quarkus.http.proxy}). For records only; rights by address go by the connection.
 */
final class PeerAddress {

  private PeerAddress() {}

  /** Without the port; empty where unknown. */
  static String of(HttpServerRequest request) {
    // A client that has gone away may have no address any more, and a domain socket never has one.
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : Objects.requireNonNullElse(address.hostAddress(), "");
  }
}
