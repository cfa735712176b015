package dev.tokenbroker.grpc;

import static dev.tokenbroker.http.LocalHttp.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.ReadinessMayHaveChanged;
import dev.tokenbroker.http.LocalHttp;
import dev.tokenbroker.runtime.Latch;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watches of health in a running broker, whose clients go away, each in its own way. */
@QuarkusTest
class GrpcHealthTest {

  private static final String WATCH = "/" + HealthGrpc.getWatchMethod().getFullMethodName();
  private static final int WATCHES = 20;

  @Inject HealthWatches watches;
  @Inject LastLook look;
  @Inject Listener listener;
  @Inject Vertx vertx;
  @TestHTTPResource URI url;

  private HttpClient client;

  /** Sees the headers of watches as they are kept. */
  @Singleton
  static final class LastLook {

    private static final int AFTER_ALL_OTHERS = 1;

    private volatile Set<String> names = Set.of();

    void register(@Observes Filters filters) {
      filters.register(this::look, AFTER_ALL_OTHERS);
    }

    private void look(RoutingContext call) {
      if (WATCH.equals(call.request().path())) {
        names = Set.copyOf(call.request().headers().names());
      }
      call.next();
    }
  }

  /** Is told what watches follow. */
  @Singleton
  static final class Listener {

    private final Latch told = new Latch(2);

    void listen(@Observes ReadinessMayHaveChanged event) {
      told.countDown();
    }
  }

  @BeforeEach
  void start() {
    assertThat(left()).isZero();
    client = LocalHttp.client(vertx, HttpVersion.HTTP_2);
  }

  @AfterEach
  void stop() {
    client.close();
  }

  /** NO_ERROR, INTERNAL_ERROR and CANCEL (RFC 9113 section 7). */
  @ParameterizedTest
  @ValueSource(longs = {0, 2, 8})
  void are_forgotten_when_they_are_reset(long code) {
    for (int watch = 0; watch < WATCHES; watch++) {
      boolean _ = watch("acme.Other" + watch).reset(code);
    }

    assertThat(left()).isZero();
  }

  @Test
  void are_forgotten_when_they_are_reset_before_they_are_answered() {
    for (int watch = 0; watch < WATCHES; watch++) {
      HttpClientRequest request = get(request());
      get(request.end(frame("acme.Other" + watch)).onComplete(_ -> request.reset()));
    }
    HttpClientRequest _ = watch("live");

    assertThat(Eventually.see(watches::size, size -> size == 1)).isEqualTo(1);
  }

  @Test
  void are_forgotten_when_their_connection_is_lost() {
    for (int watch = 0; watch < WATCHES; watch++) {
      HttpClientRequest _ = watch("acme.Other" + watch);
    }
    assertThat(watches.size()).isEqualTo(WATCHES);
    watch("").connection().close();

    assertThat(left()).isZero();
  }

  @Test
  void keep_nothing_of_what_their_clients_sent_beside_the_name() {
    HttpClientRequest request = get(request());
    request.putHeader("authorization", "x".repeat(5_000)).putHeader("grpc-timeout", "1H");
    HttpClientRequest _ = get(request.send(frame("live")).map(request));

    assertThat(look.names).containsExactlyInAnyOrder("content-type", "grpc-encoding");
    boolean _ = request.reset();
  }

  @Test
  void are_told_again_and_again_that_readiness_may_have_changed() {
    listener.told.await();
  }

  private int left() {
    return Eventually.see(watches::size, size -> size == 0);
  }

  /** A watch that has been answered. */
  private HttpClientRequest watch(String service) {
    return get(request().compose(request -> request.send(frame(service)).map(request)));
  }

  private Future<HttpClientRequest> request() {
    return client.request(
        LocalHttp.post(url, WATCH)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers"));
  }

  private static Buffer frame(String service) {
    byte[] message = HealthCheckRequest.newBuilder().setService(service).build().toByteArray();
    return Buffer.buffer().appendByte((byte) 0).appendInt(message.length).appendBytes(message);
  }
}
