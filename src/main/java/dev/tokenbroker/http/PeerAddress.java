package dev.tokenbroker.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Objects;

/**
 * The address of a caller: the peer of the connection, or the address that a trusted proxy names
 * ({@code quarkus.http.proxy}). Records and the limit of failed attempts use it. Rights by address
 * use the connection instead.
 */
final class PeerAddress {

  private PeerAddress() {}

  /** The address without the port; empty if unknown. */
  static String of(HttpServerRequest request) {
    // A closed connection may have no address any more, and a domain socket never has one.
    SocketAddress address = request.remoteAddress();
    return address == null ? "" : Objects.requireNonNullElse(address.hostAddress(), "");
  }
}
