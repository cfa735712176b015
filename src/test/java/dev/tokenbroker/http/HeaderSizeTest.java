package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpVersion;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As many headers may be sent over HTTP/2 as over HTTP/1.1: 32 KiB, for a proof and more. */
@QuarkusTest
class HeaderSizeTest {

  private static final String HEADER = "x-padding";
  private static final String MUCH = "a".repeat(20 * 1024);
  private static final String TOO_MUCH = "a".repeat(33 * 1024);

  @Inject Vertx vertx;
  @TestHTTPResource URI url;

  @Test
  void answers_a_call_with_many_headers() {
    assertThat(called(MUCH)).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void reads_no_call_with_too_many_headers() {
    assertThat(called(TOO_MUCH)).isNotIn(Code.OK, Code.INVALID_ARGUMENT);
  }

  /** The code of a request without an audience. */
  private Code called(String header) {
    try (BrokerClient client = BrokerClient.plaintext(url.getPort())) {
      return client
          .exchange(ExchangeTokenRequest.getDefaultInstance(), HEADER, List.of(header))
          .code();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void answers_a_post_with_many_headers(HttpVersion version) {
    HttpClient client = LocalHttp.client(vertx, version);
    try {
      int status =
          LocalHttp.get(
              client
                  .request(
                      LocalHttp.post(url, "/token")
                          .putHeader("content-type", "application/x-www-form-urlencoded")
                          .putHeader(HEADER, MUCH))
                  .compose(request -> request.send("audience=none"))
                  .map(answer -> answer.statusCode()));
      assertThat(status).isEqualTo(400);
    } finally {
      client.close();
    }
  }
}
