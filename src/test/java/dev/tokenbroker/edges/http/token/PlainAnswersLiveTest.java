package dev.tokenbroker.edges.http.token;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.FailureLog;
import dev.tokenbroker.edges.http.guard.RawConnection;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP demands of every answer, whoever gives it. */
@QuarkusTest
class PlainAnswersLiveTest {

  private static final String DATE = "\\w{3}, \\d\\d \\w{3} \\d{4} [0-9:]{8} GMT";

  @TestHTTPResource URI url;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.well-known/jwks.json",
        "/q/health/live",
        "/q/health/ready",
        "/verdicts/none",
        "/none",
        "/token"
      })
  void is_dated_once(String path) {
    assertThat(given().get(path).headers().getValues("Date"))
        .singleElement()
        .asString()
        .matches(DATE);
  }

  @ParameterizedTest
  @CsvSource({
    "/.well-known/jwks.json, POST",
    "/.well-known/openid-configuration, PUT",
    "/.well-known/oauth-authorization-server, DELETE",
    "/verdicts/none, POST",
    "/verdicts/none, PATCH"
  })
  void names_the_methods_that_there_are_to_who_uses_another(String path, String method) {
    Response answer = given().request(method, path);

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    for (String allowed : List.of("GET", "HEAD", "OPTIONS")) {
      assertThat(given().request(allowed, path).statusCode()).as(allowed).isNotEqualTo(405);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/token",
        "/introspect",
        "/revoke",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/verdicts/none",
        "/none"
      })
  void has_no_content_where_only_its_head_is_asked_for(String path) {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send("HEAD " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      assertThat(connection.rest().stripTrailing().lines())
          .as("a status line and headers")
          .hasSizeGreaterThan(1)
          .noneMatch(String::isEmpty);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET /q/health/live, ''",
    "GET /.well-known/jwks.json, ''",
    "GET /none, ''",
    "POST /token, ''",
    "GET /.well-known/jwks.json, 'Host: a b|'",
    "GET /.well-known/jwks.json, 'Host: a:x|'",
    "GET /.well-known/jwks.json, 'Host: a|Host: b|'",
    "POST /token, 'Host: a|Host: a|'"
  })
  void refuses_quietly_what_does_not_name_one_host(String line, String hosts) {
    try (FailureLog log = new FailureLog();
        RawConnection connection = new RawConnection(url)) {
      String answer =
          connection.send(line + " HTTP/1.1\r\n" + hosts.replace("|", "\r\n") + "\r\n").rest();

      assertThat(answer)
          .startsWith("HTTP/1.1 400 ")
          .containsPattern("(?i)\ndate: " + DATE)
          .contains("\"error\":\"invalid_request\"")
          .doesNotContain("Exception");
      assertThat(log.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /q/health/live HTTP/1.0\r\n\r\n",
        "GET /q/health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      })
  void takes_what_names_one_host_or_need_not(String request) {
    try (RawConnection connection = new RawConnection(url)) {
      assertThat(connection.send(request).status()).isEqualTo(200);
    }
  }
}
