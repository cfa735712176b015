package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.ServingNames;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the broker starts and stops, as a person or an orchestrator has it do. */
class LifeCycleIT {

  private static final String TARGET = "payments-api";
  private static final String SLOW = "orders";
  private static final int CLIENTS = 16;
  private static final int MOST_CALLS = 50_000;
  private static final int WARM = 200;
  private static final int GONE = 10;

  /** More records than a pipe holds, each half a KiB at least. */
  private static final int UNREAD = 400;

  private static final String LONG_TARGET = "t".repeat(500);

  @TempDir Path directory;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private Path federation = Path.of("");

  @BeforeEach
  void write() {
    federation = Documents.write(directory, Documents.granting(TARGET, issuer));
  }

  /** As the README starts it: a document, an issuer, and nothing else but free ports. */
  @Test
  void a_start_logs_five_lines_and_warns_of_no_default() {
    Path document = Path.of("src/docs/use/examples/good.yaml").toAbsolutePath();
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(document)
            .without("token-broker.upstream.allow-http-to-loopback")
            .without("token-broker.shutdown.delay");
    try (BrokerProcess broker = setup.start()) {
      assertThat(broker.port()).isPositive();
      assertThat(broker.grpcPort()).isPositive();
      assertThat(broker.managementPort()).isPositive();
      assertThat(Http.status(broker.management("/q/health/ready"))).isEqualTo(200);

      assertThat(broker.lines())
          .hasSizeLessThanOrEqualTo(5)
          .noneMatch(line -> line.contains("WARN") || line.contains("ERROR"));
    }
  }

  @Test
  void a_start_on_a_used_port_fails_and_says_so_in_one_line() throws IOException {
    String setting = "token-broker.grpc.port";
    issuer.close(); // A fetch of its keys under way would end with another line.
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        BrokerProcess broker =
            new BrokerProcess.Setup(federation).with(setting, "" + taken.getLocalPort()).launch()) {

      assertThat(broker.awaitExit()).isPositive();

      assertThat(broker.lines())
          .filteredOn(line -> line.contains("ERROR") || line.contains("FATAL"))
          .singleElement()
          .asString()
          .contains("" + taken.getLocalPort())
          .contains("in use");
      assertThat(broker.lines()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  /** Each would have a broker that says it is ready and fails, or none that says why. */
  @Test
  void names_all_unusable_settings_in_one_line_and_does_not_start() {
    Map<String, String> unfit =
        Map.of(
            "token-broker.credential.max-size", "1000",
            "token-broker.issuer.key-cool-down", "1ms",
            "token-broker.shutdown.timeout", "-1s",
            "token-broker.tls.client-auth", "required",
            "token-broker.token.rotation-period", "1s",
            "token-broker.upstream.fetch-timeout", "1ms");
    BrokerProcess.Setup setup = new BrokerProcess.Setup(federation);
    unfit.forEach(setup::with);
    try (BrokerProcess broker = setup.launch()) {
      assertThat(broker.awaitExit()).isEqualTo(78);
      assertThat(broker.lines())
          .filteredOn(line -> line.contains("token-broker."))
          .singleElement()
          .asString()
          .contains("The broker does not start: ")
          .contains(unfit.keySet().stream().map(setting -> " " + setting + ": is ").toList());
      assertThat(broker.lines()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void is_not_ready_before_records_are_read_or_after_a_stop_signal() {
    try (BrokerProcess broker =
            new BrokerProcess.Setup(federation).with("token-broker.shutdown.delay", "60s").start();
        BrokerClient client = broker.client()) {
      Iterator<HealthCheckResponse> watch = watch(client, "");
      assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
      assertThat(Http.status(broker.uri("/q/health/ready"))).isEqualTo(200);

      broker.pauseOutput(true);
      List<ListenableFuture<ExchangeTokenResponse>> calls =
          IntStream.range(0, UNREAD).mapToObj(_ -> refused(client)).toList();
      assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
      assertThat(IntStream.range(0, 50).map(_ -> Http.status(broker.uri("/q/health/ready"))))
          .containsOnly(503);
      broker.pauseOutput(false);
      assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
      assertThat(Eventually.see(() -> calls.stream().allMatch(Future::isDone), done -> done))
          .isTrue();

      broker.signal("INT");

      assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
      assertThat(Http.status(broker.uri("/q/health/ready"))).isEqualTo(503);
      client.exchange(Documents.request(TARGET, issuer)).granted();
      broker.awaitLine(line -> line.contains("Asked to stop by SIGINT"));
      broker.signal("TERM");
      assertThat(broker.awaitExit()).isEqualTo(128 + 15);
    }
  }

  @Test
  void waits_no_longer_than_it_may_for_a_call_under_way() throws Exception {
    Latch asked = new Latch(1);
    try (FakeUpstream silent =
        FakeUpstream.start(
            request -> {
              asked.countDown();
              return Reply.hang();
            })) {
      try (BrokerProcess broker =
              exchangingAt(silent)
                  .with("token-broker.shutdown.timeout", "1s")
                  .with("token-broker.exchange.max-duration", "1m")
                  .with("token-broker.upstream.guard.attempt-timeout", "1m")
                  .start();
          BrokerClient client = broker.client()) {
        CompletableFuture<Answer> call =
            CompletableFuture.supplyAsync(
                () -> slow(client), task -> Thread.ofVirtual().start(task));
        asked.await();

        broker.signal("INT");

        assertThat(call.get(20, TimeUnit.SECONDS).code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(broker.awaitExit()).isZero();
        assertThat(broker.lines())
            .anyMatch(line -> line.contains("Some gRPC calls have not ended in time"));
      }
    }
  }

  /** Each call that the broker recorded as accepted was answered so, and no other. */
  @Test
  void loses_no_accepted_call_and_ends_health_watches_on_stop() throws Exception {
    Latch warm = new Latch(WARM);
    Latch asked = new Latch(1);
    Latch answer = new Latch(1);
    Map<Code, Integer> codes = new EnumMap<>(Code.class);
    AtomicInteger calls = new AtomicInteger();
    try (FakeUpstream upstream =
            FakeUpstream.start(
                request -> {
                  asked.countDown();
                  answer.await();
                  return FakeUpstream.token();
                });
        BrokerProcess broker =
            exchangingAt(upstream)
                .with("token-broker.shutdown.delay", "300ms")
                .with("token-broker.shutdown.timeout", "60s")
                .with("token-broker.admission.target-delay", "1s")
                .start();
        // One connection for all: what has been answered on it lies beside what it goes on sending.
        BrokerClient client = broker.client();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Iterator<HealthCheckResponse>> watches =
          Stream.of("", ServingNames.LIVE, "acme.Other")
              .map(service -> watch(client, service))
              .toList();
      watches.forEach(Iterator::next);
      List<Future<List<Code>>> loads = new ArrayList<>();
      for (int at = 0; at < CLIENTS; at++) {
        loads.add(clients.submit(() -> load(client, calls, warm)));
      }
      warm.await();
      Future<Answer> slow = clients.submit(() -> slow(client));
      asked.await();

      broker.signal("TERM");
      broker.awaitLine(line -> line.contains("Waiting for calls in progress"));
      answer.countDown();

      slow.get(20, TimeUnit.SECONDS).granted();
      for (Future<List<Code>> load : loads) {
        load.get(60, TimeUnit.SECONDS).forEach(code -> codes.merge(code, 1, Integer::sum));
      }
      assertThat(watches)
          .allSatisfy(
              watch ->
                  assertThatThrownBy(() -> watch.forEachRemaining(_ -> {}))
                      .isInstanceOfSatisfying(
                          StatusRuntimeException.class,
                          end ->
                              assertThat(end.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE)));
      assertThat(broker.awaitExit()).isZero();
      assertThat(codes.keySet()).isSubsetOf(Code.OK, Code.UNAVAILABLE);
      assertThat(broker.lines().stream().filter(line -> line.contains("\"accepted\"")).count())
          .isEqualTo(codes.getOrDefault(Code.OK, 0) + 1L);
      assertThat(broker.lines()).noneMatch(line -> line.contains("Timed out"));
    }
  }

  /**
   * Calls until it was told often enough that nobody is there, each time with a credential of its
   * own.
   */
  private List<Code> load(BrokerClient client, AtomicInteger calls, Latch warm) {
    List<Code> codes = new ArrayList<>();
    while (calls.incrementAndGet() <= MOST_CALLS
        && Collections.frequency(codes, Code.UNAVAILABLE) < GONE) {
      codes.add(client.exchange(Documents.request(TARGET, issuer)).code());
      warm.countDown();
    }
    return codes;
  }

  /** A broker that gets tokens for {@link #SLOW} from there. */
  private BrokerProcess.Setup exchangingAt(FakeUpstream upstream) {
    String document =
        Documents.granting(TARGET, issuer)
                .replace(
                    "targets:",
                    """
                upstreams:
                  - {name: sso, tokenEndpoint: '%s/token', clientAuthentication: none, clientId: broker}
                targets:
                  - {audience: %s, exchange: {upstream: sso}}"""
                        .formatted(upstream.origin(), SLOW))
            + "  - {name: slow, issuer: good, audience: %s, when: 'true', scopes: [read]}\n"
                .formatted(SLOW);
    return new BrokerProcess.Setup(Documents.write(directory, document));
  }

  /**
   * Does not wait for the answer. Its credential is verified, so that its record has a line of its
   * own.
   */
  private ListenableFuture<ExchangeTokenResponse> refused(BrokerClient client) {
    return TokenBrokerGrpc.newFutureStub(client.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .exchangeToken(BrokerClient.exchangeOf(LONG_TARGET, issuer.credential()));
  }

  private static Iterator<HealthCheckResponse> watch(BrokerClient client, String service) {
    return HealthGrpc.newBlockingStub(client.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .watch(HealthCheckRequest.newBuilder().setService(service).build());
  }

  private Answer slow(BrokerClient client) {
    return client.exchange(Documents.request(SLOW, issuer));
  }
}
