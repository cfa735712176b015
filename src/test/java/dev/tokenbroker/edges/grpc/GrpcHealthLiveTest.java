package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Readiness.ReadinessMayHaveChanged;
import dev.tokenbroker.edges.http.guard.LocalHttp;
import dev.tokenbroker.process.runtime.Latch;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watches of health in a running broker, whose clients go away, each in its own way. */
@QuarkusTest
class GrpcHealthLiveTest {

  private static final String WATCH = HealthGrpc.getWatchMethod().getFullMethodName();
  private static final int WATCHES = 20;

  @Inject GrpcServer server;
  @Inject Listener listener;
  @Inject Vertx vertx;

  /** Is told what watches follow. */
  @Singleton
  static final class Listener {

    private final Latch told = new Latch(2);

    void listen(@Observes ReadinessMayHaveChanged event) {
      told.countDown();
    }
  }

  /** NO_ERROR, INTERNAL_ERROR and CANCEL (RFC 9113 section 7). */
  @ParameterizedTest
  @ValueSource(longs = {0, 2, 8})
  void are_forgotten_when_they_are_reset(long code) {
    try (RawCalls calls = new RawCalls(vertx, GrpcPort.uri())) {
      for (int watch = 0; watch < WATCHES; watch++) {
        assertThat(watch(calls).reset(code)).isTrue();
      }
      assertThat(left()).isZero();
    }
  }

  @Test
  void are_forgotten_when_their_connection_is_lost() {
    try (RawCalls calls = new RawCalls(vertx, GrpcPort.uri())) {
      for (int watch = 0; watch < WATCHES; watch++) {
        watch(calls);
      }
      assertThat(server.openStreams()).isEqualTo(WATCHES);
    }
    assertThat(left()).isZero();
  }

  @Test
  void are_told_again_and_again_that_readiness_may_have_changed() {
    listener.told.await();
  }

  private int left() {
    return Eventually.see(server::openStreams, size -> size == 0);
  }

  /** A watch that has been answered. */
  private static HttpClientRequest watch(RawCalls calls) {
    byte[] message = HealthCheckRequest.newBuilder().setService("acme.Other").build().toByteArray();
    Buffer frame = RawCalls.frame(0, message);
    HttpClientRequest request = calls.begin(WATCH, Map.of(), frame);
    LocalHttp.get(request.response());
    return request;
  }
}
