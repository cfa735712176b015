package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.FailureLog;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.evaluate.federation.Federations;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers that cannot be read make no bug, whatever is asked for. */
@QuarkusTest
class MalformedHeadersLiveTest {

  private static final List<String> REQUESTS =
      List.of(
          "GET /.well-known/jwks.json",
          "HEAD /.well-known/jwks.json",
          "POST /.well-known/jwks.json",
          "GET /.well-known/openid-configuration",
          "GET /.well-known/none",
          "GET /verdicts/none",
          "GET /q/health/ready",
          "POST /token",
          "POST /introspect");

  private static final List<String> NAMES =
      List.of(
          "Accept",
          "Accept-Encoding",
          "Accept-Language",
          "Authorization",
          "Connection",
          "Content-Encoding",
          "Content-Type",
          "Cookie",
          "DPoP",
          "Expect",
          "Forwarded",
          "If-Modified-Since",
          "If-None-Match",
          "Origin",
          "Range",
          "Upgrade",
          "X-Forwarded-For",
          "traceparent");

  private static final List<String> VALUES =
      List.of(
          "",
          "json",
          "/",
          "*/json",
          "a/b/c",
          ",",
          ";",
          "a/b;q=",
          "a/b;q=x",
          "*/*;q=2",
          "\"",
          "a/b;c=\"d",
          "=",
          "\u00ff",
          "en;q=x",
          "%",
          "Bearer");

  @Inject Federations federations;
  @TestHTTPResource URI url;

  /** Without a federation the broker would not be ready. */
  @BeforeEach
  void start() {
    new TestFederation().issuer("good", "https://issuer.example").load(federations);
  }

  @ParameterizedTest
  @MethodSource("names")
  void are_no_bug(String name) {
    List<String> broken = new ArrayList<>();
    try (FailureLog log = new FailureLog()) {
      for (String request : REQUESTS) {
        for (String value : VALUES) {
          int status = status(request, name + ": " + value);
          if (status >= 500) {
            broken.add(request + " with '" + value + "' got " + status);
          }
        }
      }
      assertThat(broken).isEmpty();
      assertThat(log.failures()).isEmpty();
    }
  }

  static Stream<String> names() {
    return NAMES.stream();
  }

  private int status(String request, String header) {
    try (RawConnection connection = new RawConnection(url)) {
      return connection
          .send(request + " HTTP/1.1\r\nHost: a\r\n" + header + "\r\nContent-Length: 0\r\n\r\n")
          .status();
    }
  }
}
