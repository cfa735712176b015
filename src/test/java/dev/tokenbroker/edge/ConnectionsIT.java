package dev.tokenbroker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.http.Http2Frames;
import dev.tokenbroker.http.Http2Frames.Frame;
import dev.tokenbroker.http.RawConnection;
import dev.tokenbroker.issuer.FakeIssuer;
import io.grpc.Status.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many connections the broker takes, and how many calls on each. */
class ConnectionsIT {

  private static final String TARGET = "payments-api";
  private static final byte[] HTTP_1 =
      "GET /q/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTP_2 = Http2Frames.preface(Http2Frames.FIRST_WINDOW);

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();

  @AfterEach
  void stop() {
    issuer.close();
  }

  @Test
  void closes_those_beyond_the_limit_and_serves_on_those_before_until_one_has_gone() {
    try (BrokerProcess broker = setup().with("quarkus.http.limits.max-connections", "2").start();
        BrokerClient first = broker.client();
        BrokerClient third = broker.client()) {
      try (BrokerClient second = broker.client()) {
        assertThat(exchange(first)).isEqualTo(Code.OK);
        assertThat(exchange(second)).isEqualTo(Code.OK);

        for (byte[] begun : List.of(HTTP_1, HTTP_2)) {
          try (RawConnection further = new RawConnection(broker.uri("/"))) {
            further.send(begun).untilClosed();
          }
        }
        assertThat(exchange(third)).isEqualTo(Code.UNAVAILABLE);
        assertThat(exchange(first)).isEqualTo(Code.OK);
        assertThat(exchange(second)).isEqualTo(Code.OK);
      }

      assertThat(Eventually.see(() -> exchange(third), Code.OK::equals)).isEqualTo(Code.OK);
    }
  }

  @Test
  void counts_those_that_say_nothing_among_them() {
    try (BrokerProcess broker = setup().with("quarkus.http.limits.max-connections", "2").start();
        RawConnection silent = new RawConnection(broker.uri("/"))) {
      try (RawConnection second = new RawConnection(broker.uri("/")).send("GET /");
          RawConnection third = new RawConnection(broker.uri("/"))) {
        third.untilClosed();
        assertThat(second.isLost()).isFalse();
      }

      assertThat(Eventually.see(() -> exchangeOnce(broker), Code.OK::equals)).isEqualTo(Code.OK);
      assertThat(silent.send(HTTP_2).frame().type()).isEqualTo(Http2Frames.SETTINGS);
    }
  }

  @Test
  void may_have_a_thousand_calls_each() {
    try (BrokerProcess broker = setup().start();
        RawConnection connection = new RawConnection(broker.uri("/"))) {
      Frame first = connection.send(HTTP_2).frame();

      assertThat(first.type()).isEqualTo(Http2Frames.SETTINGS);
      assertThat(first.settings()).containsEntry(Http2Frames.MAX_CONCURRENT_STREAMS, 1_000);
    }
  }

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(Documents.write(directory, Documents.granting(TARGET, issuer)));
  }

  private Code exchangeOnce(BrokerProcess broker) {
    try (BrokerClient client = broker.client()) {
      return exchange(client);
    }
  }

  private Code exchange(BrokerClient client) {
    return client.exchange(Documents.request(TARGET, issuer)).code();
  }
}
