package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.Http2Connection;
import dev.tokenbroker.edges.grpc.Http2Frames;
import dev.tokenbroker.edges.grpc.Http2Frames.Frame;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.grpc.Status.Code;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many connections the gRPC port takes, and how many calls on each. */
@Tag("packaged")
class ConnectionsIT {

  private static final String TARGET = "payments-api";
  private static final byte[] PREFACE = Http2Frames.preface(Http2Frames.FIRST_WINDOW);

  @TempDir Path directory;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  @Test
  void closes_those_beyond_the_limit_and_serves_earlier_ones() {
    try (BrokerProcess broker = setup().with("token-broker.grpc.max-connections", "2").start();
        BrokerClient first = broker.client();
        BrokerClient third = broker.client()) {
      try (BrokerClient second = broker.client()) {
        assertThat(exchange(first)).isEqualTo(Code.OK);
        assertThat(exchange(second)).isEqualTo(Code.OK);

        try (Http2Connection further = new Http2Connection(grpc(broker))) {
          further.send(PREFACE).untilClosed();
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
    try (BrokerProcess broker = setup().with("token-broker.grpc.max-connections", "2").start();
        Http2Connection silent = new Http2Connection(grpc(broker))) {
      try (Http2Connection second = new Http2Connection(grpc(broker));
          Http2Connection third = new Http2Connection(grpc(broker))) {
        third.untilClosed();
        assertThat(second.isLost()).isFalse();
      }

      assertThat(Eventually.see(() -> exchangeOnce(broker), Code.OK::equals)).isEqualTo(Code.OK);
      assertThat(silent.send(PREFACE).frame().type()).isEqualTo(Http2Frames.SETTINGS);
    }
  }

  @Test
  void may_have_a_thousand_calls_each() {
    try (BrokerProcess broker = setup().start();
        Http2Connection connection = new Http2Connection(grpc(broker))) {
      Frame first = connection.send(PREFACE).frame();

      assertThat(first.type()).isEqualTo(Http2Frames.SETTINGS);
      assertThat(first.settings()).containsEntry(Http2Frames.MAX_CONCURRENT_STREAMS, 1_000);
    }
  }

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(Documents.write(directory, Documents.granting(TARGET, issuer)));
  }

  private static URI grpc(BrokerProcess broker) {
    return URI.create("http://127.0.0.1:" + broker.grpcPort());
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
