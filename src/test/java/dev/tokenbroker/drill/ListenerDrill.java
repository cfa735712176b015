package dev.tokenbroker.drill;

import java.util.List;
import java.util.stream.Stream;

/** Callers that use a protocol which the port does not speak. */
final class ListenerDrill {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HTTP_2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String HELLO = "\26\3\1\2\0\1\0\1\374\3\3";
  private static final String PROXY = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
  private static final String PROXY_2 = "\r\n\r\n\0\r\nQUIT\n\41\21\0\14";

  private ListenerDrill() {}

  /**
   * Bytes that a caller sends to a port.
   *
   * @param port http, management or grpc
   * @param kind as the meter names it
   * @param told a part of the answer; empty if the connection ends without one
   */
  record WrongPort(String name, String port, String bytes, String kind, String told) {

    String meter() {
      return "tokenbroker_listener_faults_total\\{kind=\"%s\",port=\"%s\"} [1-9].*"
          .formatted(kind, port);
    }

    String log() {
      return ".*WARN.*At the %s port, .*".formatted(port);
    }
  }

  static List<WrongPort> all() {
    return Stream.of(
            web("http", "This is the HTTP port; gRPC is at port "),
            web("management", ""),
            grpc("This is the gRPC port; HTTP is at port "))
        .flatMap(List::stream)
        .toList();
  }

  private static List<WrongPort> web(String port, String told) {
    return List.of(
        new WrongPort("gRPC at " + port, port, HTTP_2, "http2", told),
        new WrongPort("TLS at " + port, port, HELLO, "tls", ""),
        new WrongPort("the PROXY protocol at " + port, port, PROXY + GET, "proxy-protocol", ""),
        new WrongPort("its version 2 at " + port, port, PROXY_2, "proxy-protocol", ""));
  }

  private static List<WrongPort> grpc(String told) {
    return List.of(
        new WrongPort("HTTP at grpc", "grpc", GET, "http1", told),
        new WrongPort("a form at grpc", "grpc", "POST /token HTTP/1.1\r\n", "http1", told),
        new WrongPort("HTTP/1.0 at grpc", "grpc", "HEAD / HTTP/1.0\r\n\r\n", "http1", told),
        new WrongPort("TLS at grpc", "grpc", HELLO, "tls", ""),
        new WrongPort("the PROXY protocol at grpc", "grpc", PROXY + HTTP_2, "proxy-protocol", ""),
        new WrongPort("its version 2 at grpc", "grpc", PROXY_2, "proxy-protocol", ""),
        new WrongPort("SSH at grpc", "grpc", "SSH-2.0-x\r\n", "other-bytes", ""),
        new WrongPort(
            "a command of Redis at grpc", "grpc", "*1\r\n$4\r\nPING\r\n", "other-bytes", ""));
  }
}
