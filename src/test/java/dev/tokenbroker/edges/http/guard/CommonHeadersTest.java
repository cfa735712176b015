package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.http.token.RequestOrigin;
import dev.tokenbroker.peers.trust.TestTls;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each response says beside its content, and whether its request came in clear. */
class CommonHeadersTest {

  @AutoClose private final Vertx vertx = Vertx.vertx();

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, X-Other, false",
    "127.0.0.1, X-Other, false",
    "[::1]:8080, X-Other, false",
    "broker.example, X-Other, true",
    "10.0.0.7:8080, X-Other, true",
    "localhost.broker.example, X-Other, true",
    "localhost:8080, Forwarded, true",
    "localhost:8080, X-Forwarded-For, true",
    "localhost:8080, X-Forwarded-Proto, true",
  })
  void know_plain_requests_of_other_machines(String host, String header, boolean isInClear) {
    try (RawConnection connection = new RawConnection(LocalHttp.serve(vertx, router()))) {
      connection.send("GET / HTTP/1.1\r\nConnection: close\r\nHost: " + host + "\r\n");

      assertThat(connection.send(header + ": x\r\n\r\n").rest())
          .containsIgnoringCase("X-Content-Type-Options: nosniff")
          .contains("clear: " + isInClear)
          .doesNotContainIgnoringCase("Strict-Transport-Security");
    }
  }

  @Test
  void forbid_plain_http_where_tls_ends_here(@TempDir Path directory) {
    TestTls.generate().writePair(directory, "server", "localhost");
    HttpServerOptions tls =
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .setCertPath(directory.resolve("server.crt").toString())
                    .setKeyPath(directory.resolve("server.key").toString()));
    int port =
        LocalHttp.get(vertx.createHttpServer(tls).requestHandler(router()).listen(0)).actualPort();
    HttpClient client =
        vertx.createHttpClient(new HttpClientOptions().setSsl(true).setTrustAll(true));

    assertThat(strict(client, port, "broker.example")).isEqualTo("max-age=31536000");
    assertThat(strict(client, port, "localhost")).as("for all ports of the machine").isNull();
  }

  private static @Nullable String strict(HttpClient client, int port, String host) {
    HttpClientResponse answer =
        LocalHttp.get(
            client
                .request(HttpMethod.GET, port, "localhost", "/")
                .compose(request -> request.putHeader("Host", host).send()));
    return answer.getHeader("Strict-Transport-Security");
  }

  private Router router() {
    Filters filters = new Filters();
    new CommonHeaders(InstantSource.system()).register(filters);
    Router router = Router.router(vertx);
    filters.getFilters().forEach(filter -> router.route().handler(filter.getHandler()));
    router
        .route()
        .handler(
            call -> {
              call.response().end("clear: " + RequestOrigin.isInClear(call.request()));
            });
    return router;
  }
}
