package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.http.guard.LocalHttp;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthGrpc;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Clients of the gRPC port that mean harm: no call ends as a bug of ours or not at all, nothing is
 * logged, and exchanges of others go on.
 */
@QuarkusTest
class HostileGrpcStorm {

  private static final int CALLS = Integer.getInteger("hostile.calls", 2_000);
  private static final int RESETS = Integer.getInteger("hostile.resets", 6_000);
  private static final long SEED = Long.getLong("fuzz.seed", 20261128L);
  private static final int IN_FLIGHT = 32;

  /** What a client tells its user of a stream that is reset so: INTERNAL (gRPC over HTTP/2). */
  private static final Set<Long> RESETS_OF_BUGS = Set.of(0L, 1L, 2L);

  private static final Set<Status.Code> BUGS = Set.of(Status.Code.INTERNAL, Status.Code.UNKNOWN);
  private static final List<String> METHODS =
      List.of(
          TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName(),
          TokenBrokerGrpc.getExplainExchangeMethod().getFullMethodName(),
          TokenBrokerGrpc.getIntrospectTokenMethod().getFullMethodName(),
          HealthGrpc.getCheckMethod().getFullMethodName(),
          "tokenbroker.v1.TokenBroker/None",
          "None/None",
          "none");
  private static final List<String> TIMEOUTS =
      List.of("", "5", "S", "-1S", "1X", "999999999S", "0n");

  @Inject Federations federations;
  @Inject Admission admission;
  @Inject Vertx vertx;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final FailureLog log = new FailureLog();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<String, Integer> endings = new ConcurrentSkipListMap<>();
  private final ConcurrentLinkedQueue<String> broken = new ConcurrentLinkedQueue<>();
  @AutoClose private HttpClient client;

  @BeforeEach
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    client = LocalHttp.client(vertx, HttpVersion.HTTP_2);
  }

  /** One call that no gRPC library makes. */
  record Hostile(HttpMethod method, String path, Map<String, String> headers, Buffer body) {}

  @Test
  void are_answered_and_never_by_a_bug() throws Exception {
    System.out.printf("HostileGrpcStorm: %d calls, seed %d%n", CALLS, SEED);
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    try (BrokerClient bystander = BrokerClient.plaintext(GrpcPort.current())) {
      for (int at = 0; at < CALLS; at++) {
        inFlight.acquire();
        call(hostile(), inFlight);
        if (at % 100 == 0) {
          bystander.exchange(BrokerClient.exchangeOf(issuer.credential())).granted();
        }
      }
      assertThat(inFlight.tryAcquire(IN_FLIGHT, 40, TimeUnit.SECONDS)).isTrue();
    }
    System.out.printf("HostileGrpcStorm: %s%n", endings);
    assertThat(broken).isEmpty();
    assertThat(log.failures()).isEmpty();
    assertThat(Eventually.see(() -> admission.status().inFlight(), none -> none == 0)).isZero();
  }

  @Test
  void lose_their_connection_for_bytes_that_are_no_http_2() {
    for (int at = 0; at < 50; at++) {
      byte[] noise = new byte[1 + random.nextInt(2_000)];
      random.nextBytes(noise);
      try (Http2Connection connection = new Http2Connection(GrpcPort.uri())) {
        if (at % 2 == 0) {
          connection.send(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
        }
        connection.send(noise).send(new byte[20_000]).untilClosed();
      }
    }
    assertThat(log.failures()).isEmpty();
  }

  @Test
  void lose_their_connection_for_resetting_streams_by_the_thousands() {
    try (Http2Connection connection = new Http2Connection(GrpcPort.uri())) {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      frames.writeBytes(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
      for (int stream = 1; stream < 2 * RESETS; stream += 2) {
        frames.writeBytes(Http2Frames.post(stream, "/" + METHODS.getFirst(), "application/grpc"));
        frames.writeBytes(Http2Frames.reset(stream));
      }
      connection.send(frames.toByteArray()).untilClosed();
    }
    assertThat(log.failures()).isEmpty();
  }

  /** Their responses wait in the socket, so that nothing more is read of them. */
  @Test
  void are_not_read_from_while_they_do_not_read() throws Exception {
    try (DeafPeer deaf = new DeafPeer(GrpcPort.uri());
        BrokerClient bystander = BrokerClient.plaintext(GrpcPort.current())) {
      Thread sender =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    for (int at = 0; at < 1_000_000; at++) {
                      deaf.begin("none", new byte[0]);
                    }
                  });
      // It is stuck in writing, far from the end, as the broker reads no more.
      assertThat(
              Eventually.see(
                  () -> Arrays.toString(sender.getStackTrace()), stack -> isStuck(sender, stack)))
          .contains("write");
      bystander.exchange(BrokerClient.exchangeOf(issuer.credential())).granted();
      assertThat(sender.isAlive()).isTrue();
    }
  }

  private static boolean isStuck(Thread sender, String stack) {
    if (!stack.contains("write")) {
      return false;
    }
    return Unchecked.get(
        () ->
            !sender.join(java.time.Duration.ofMillis(500))
                && stack.equals(Arrays.toString(sender.getStackTrace())));
  }

  private void call(Hostile hostile, Semaphore inFlight) {
    URI broker = GrpcPort.uri();
    RequestOptions options =
        new RequestOptions()
            .setMethod(hostile.method())
            .setHost(broker.getHost())
            .setPort(broker.getPort())
            .setURI(hostile.path());
    hostile.headers().forEach(options::putHeader);
    client
        .request(options)
        .compose(
            request -> {
              Future<String> ending = ending(request);
              request.end(hostile.body());
              return ending;
            })
        .timeout(20, TimeUnit.SECONDS)
        .onComplete(
            ended -> {
              if (ended.succeeded()) {
                endings.merge(ended.result(), 1, Integer::sum);
              } else {
                broken.add(hostile + " ended in " + ended.cause());
              }
              inFlight.release();
            });
  }

  private Future<String> ending(HttpClientRequest request) {
    return request
        .response()
        .compose(head -> head.body().map(_ -> status(head)))
        .recover(
            failure ->
                failure instanceof StreamResetException reset
                        && !RESETS_OF_BUGS.contains(reset.getCode())
                    ? Future.succeededFuture("reset " + reset.getCode())
                    : Future.failedFuture(failure));
  }

  private String status(HttpClientResponse head) {
    String status = head.getHeader("grpc-status");
    status = status == null ? head.getTrailer("grpc-status") : status;
    if (status == null || head.statusCode() != 200) {
      if (head.statusCode() >= 500) {
        broken.add("HTTP status " + head.statusCode());
      }
      return "HTTP " + head.statusCode();
    }
    Status.Code code = Status.fromCodeValue(Integer.parseInt(status)).getCode();
    if (BUGS.contains(code)) {
      broken.add(code + " " + head.headers() + head.trailers());
    }
    return code.name();
  }

  private Hostile hostile() {
    Map<String, String> headers = new java.util.LinkedHashMap<>();
    headers.put("content-type", one(List.of("application/grpc", "application/grpc+proto")));
    headers.put("te", "trailers");
    HttpMethod method = HttpMethod.POST;
    String path = "/" + one(METHODS);
    switch (random.nextInt(12)) {
      case 0 -> headers.put("content-type", one(List.of("text/plain", "application/json", "grpc")));
      case 1 -> headers.put("grpc-timeout", one(TIMEOUTS));
      case 2 ->
          headers.put("grpc-encoding", one(List.of("gzip", "identity", "br", "", "gzip,gzip")));
      case 3 -> headers.put("grpc-accept-encoding", one(List.of("br", "", ",", "identity;q=0")));
      case 4 -> headers.remove("te");
      case 5 -> method = one(List.of(HttpMethod.GET, HttpMethod.PUT, HttpMethod.OPTIONS));
      case 6 -> path = one(List.of("/", "//", "/a", "*", "/%zz", "/" + "a/".repeat(500)));
      case 7 -> headers.put("dpop", "x".repeat(random.nextInt(2_000)));
      case 8 -> headers.put("authorization", "Bearer " + "x".repeat(random.nextInt(20_000)));
      case 9 -> headers.put("x", "y".repeat(random.nextInt(30_000)));
      default -> {}
    }
    return new Hostile(method, path, headers, body());
  }

  private Buffer body() {
    byte[] message = BrokerClient.exchangeOf(issuer.credential()).toByteArray();
    return switch (random.nextInt(8)) {
      case 0 -> Buffer.buffer();
      case 1 -> Buffer.buffer(noise(random.nextInt(300)));
      case 2 -> RawCalls.frame(random.nextInt(256), noise(random.nextInt(300)));
      case 3 -> RawCalls.announced(0, random.nextLong(1L << 32)).appendBytes(noise(50));
      case 4 -> RawCalls.frame(0, message).getBuffer(0, random.nextInt(message.length));
      case 5 -> RawCalls.frame(0, message).appendBuffer(RawCalls.frame(0, message));
      case 6 -> RawCalls.frame(1, message);
      default -> RawCalls.frame(0, message);
    };
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  private <T> T one(List<T> of) {
    return new ArrayList<>(of).get(random.nextInt(of.size()));
  }
}
