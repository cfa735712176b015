package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** The headers of a request may have 32 KiB: room for a proof of possession and more. */
@QuarkusTest
class HeaderSizeLiveTest {

  @TestHTTPResource URI url;

  @Test
  void answers_a_request_with_large_headers() {
    assertThat(statusWith(20 * 1024)).isEqualTo(400);
  }

  /** A client that still sends when the connection is closed may not get to read the response. */
  @Test
  void refuses_a_request_with_too_large_headers() {
    assertThat(statusWith(33 * 1024)).isIn(431, RawConnection.CLOSED);
  }

  /** The status of a request without a grant type. */
  private int statusWith(int headerBytes) {
    try (RawConnection connection = new RawConnection(url)) {
      return connection
          .send(
              "POST /token HTTP/1.1\r\nHost: localhost\r\nX-Padding: %s\r\n"
                      .formatted("a".repeat(headerBytes))
                  + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 13\r\n\r\n"
                  + "audience=none")
          .status();
    }
  }
}
