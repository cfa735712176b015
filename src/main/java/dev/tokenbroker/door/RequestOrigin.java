package dev.tokenbroker.door;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;

/** Scheme and authority that a request names, as a URI has them. */
public final class RequestOrigin {

  private RequestOrigin() {}

  /** Such as {@code https://broker.example:8443}; empty where the request names no authority. */
  public static String of(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    if (authority == null) {
      return "";
    }
    String port = authority.port() > 0 ? ":" + authority.port() : "";
    return request.scheme() + "://" + authority.host() + port;
  }
}
