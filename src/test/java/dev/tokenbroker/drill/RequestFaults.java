package dev.tokenbroker.drill;

import java.util.List;

/** Requests that no well-behaved client sends, byte by byte, and the statuses that answer them. */
final class RequestFaults {

  private static final String FORM =
      "POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n";

  /** What runs as a request of its own if the broker loses count of a body. */
  private static final String SMUGGLED =
      "GET /.well-known/jwks.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private RequestFaults() {}

  /**
   * A request and what comes back, no more.
   *
   * @param statuses of the answers, in order; empty where the connection is closed without any
   */
  record RawFault(String name, String bytes, List<Integer> statuses) {}

  static List<RawFault> all() {
    return List.of(
        coding("xchunked"),
        coding("identity"),
        coding("chunked;q=1"),
        coding("gzip"),
        new RawFault(
            "the transfer coding gzip, chunked",
            FORM + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
            List.of(501)),
        new RawFault(
            "a transfer coding beside a length of 0",
            FORM + "Content-Length: 0\r\nTransfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
            List.of(400)),
        new RawFault(
            "a header without a name", FORM + ": x\r\nContent-Length: 0\r\n\r\n", List.of(400)),
        new RawFault(
            "a malformed chunk",
            FORM + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + SMUGGLED,
            List.of(400)),
        path("/verdicts/../q/metrics"),
        path("//q/metrics"),
        path("/%71/metrics"),
        path("/q/metrics"),
        new RawFault(
            "a client that authenticates by a secret in the form",
            FORM + "Connection: close\r\nContent-Length: 28\r\n\r\nclient_id=a&client_secret=s3c",
            List.of(400)));
  }

  private static RawFault coding(String value) {
    return new RawFault(
        "the transfer coding " + value,
        FORM + "Transfer-Encoding: " + value + "\r\n\r\n" + SMUGGLED,
        List.of(400));
  }

  private static RawFault path(String path) {
    return new RawFault(
        "the path " + path,
        "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        List.of(404));
  }
}
