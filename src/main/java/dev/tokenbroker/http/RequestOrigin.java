package dev.tokenbroker.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;

/** The address to which a request was sent: the scheme and the authority that the request names. */
final class RequestOrigin {

  private RequestOrigin() {}

  /**
   * The URI of a path, such as {@code https://broker.example:8443/token}; empty if the request
   * names no authority.
   */
  static String uri(HttpServerRequest request, String path) {
    HostAndPort authority = request.authority();
    if (authority == null) {
      return "";
    }
    String port = authority.port() > 0 ? ":" + authority.port() : "";
    return request.scheme() + "://" + authority.host() + port + path;
  }
}
