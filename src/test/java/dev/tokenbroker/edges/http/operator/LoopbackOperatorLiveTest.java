package dev.tokenbroker.edges.http.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.edge.ProxyProfile;
import dev.tokenbroker.edges.http.guard.RawConnection;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A broker of dev mode, where callers on this machine are operators: a page of a stranger in a
 * browser on this machine is none.
 */
@QuarkusTest
@TestProfile(ProxyProfile.class)
class LoopbackOperatorLiveTest {

  @TestHTTPResource URI url;

  private int status(String method, String path, String headers) {
    try (RawConnection connection = new RawConnection(url)) {
      return connection
          .send(
              method
                  + " "
                  + path
                  + " HTTP/1.1\r\n"
                  + headers
                  + "Content-Type: application/x-www-form-urlencoded\r\n"
                  + "Content-Length: 0\r\nConnection: close\r\n\r\n")
          .status();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost\r\n",
        "Host: LOCALHOST:8080\r\n",
        "Host: 127.0.0.1:8080\r\n",
        "Host: [::1]:8080\r\n",
        "Host: localhost:8080\r\nSec-Fetch-Site: same-origin\r\n",
        "Host: localhost:8080\r\nSec-Fetch-Site: none\r\n",
      })
  void a_caller_on_this_machine_that_names_it_is_an_operator(String headers) {
    assertThat(status("GET", "/changes", headers)).isEqualTo(200);
  }

  @Test
  void an_operator_reads_the_recording_as_lines() {
    HttpResponse<String> recording = Http.get(url.resolve("/recording"));

    assertThat(recording.statusCode()).isEqualTo(200);
    assertThat(Http.header(recording, "Content-Type")).isEqualTo("application/x-ndjson");
    assertThat(Http.header(recording, "Cache-Control")).isEqualTo("no-store");
    assertThat(recording.body()).startsWith("{\"token_broker_recording\":1,").endsWith("}\n");
    assertThat(Http.send("HEAD", url.resolve("/recording")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example\r\n",
        "Host: localhost.evil.example:8080\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host: 127.0.0.2\r\n",
        "Host: evil.example\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n",
        "Host: localhost:8080\r\nSec-Fetch-Site: cross-site\r\n",
        "Host: localhost:8080\r\nSec-Fetch-Site: same-site\r\n",
        "Host: localhost:8080\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n",
      })
  void a_page_of_a_stranger_is_no_operator(String headers) {
    assertThat(status("GET", "/changes", headers)).isEqualTo(401);
    assertThat(status("GET", "/live", headers)).isEqualTo(401);
    assertThat(status("GET", "/candidate", headers)).isEqualTo(401);
    assertThat(status("GET", "/recording", headers)).isEqualTo(401);
    assertThat(status("POST", "/explain", headers)).isIn(401, 403);
  }
}
