package dev.tokenbroker.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.grpc.ServingNames;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.outbound.FakeServer.Reply;
import dev.tokenbroker.runtime.Latch;
import dev.tokenbroker.sts.FakeUpstream;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the broker starts and stops, as a person or an orchestrator has it do. */
class LifeCycleIT {

  private static final String TARGET = "payments-api";
  private static final int CLIENTS = 16;
  private static final int MOST_CALLS = 50_000;
  private static final int WARM = 200;
  private static final int GONE = 10;

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private Path federation = Path.of("");

  @BeforeEach
  void write() {
    federation = Documents.write(directory, Documents.granting(TARGET, issuer));
  }

  @AfterEach
  void stop() {
    issuer.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"quarkus.http.port", "token-broker.grpc.port"})
  void a_second_start_on_a_used_port_fails_and_says_so_in_one_line(String setting) {
    try (BrokerProcess first = new BrokerProcess.Setup(federation).start()) {
      int port = setting.startsWith("quarkus") ? first.port() : first.grpcPort();
      try (BrokerProcess second =
          new BrokerProcess.Setup(federation).with(setting, "" + port).launch()) {

        assertThat(second.awaitExit()).isPositive();

        assertThat(second.lines())
            .filteredOn(line -> line.contains("ERROR") || line.contains("FATAL"))
            .singleElement()
            .asString()
            .contains("" + port)
            .contains("in use");
        assertThat(second.lines()).noneMatch(line -> line.startsWith("\tat "));
      }
    }
  }

  /** Each would have a broker that says it is ready and fails, or none that says why. */
  @Test
  void does_not_start_with_what_features_cannot_work_with_and_names_all_of_it_in_one_line() {
    Map<String, String> unfit =
        Map.of(
            "token-broker.credential.max-size", "1000",
            "token-broker.issuer.key-cool-down", "1ms",
            "token-broker.shutdown.timeout", "-1s",
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

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void is_not_ready_at_once_and_serves_on_until_others_have_noticed(String signal, int exit) {
    try (BrokerProcess broker =
            new BrokerProcess.Setup(federation).with("token-broker.shutdown.delay", "60s").start();
        BrokerClient client = broker.client()) {
      Iterator<HealthCheckResponse> watch =
          HealthGrpc.newBlockingStub(client.channel())
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .watch(HealthCheckRequest.getDefaultInstance());
      assertThat(next(watch)).isEqualTo(ServingStatus.SERVING);
      assertThat(Http.status(broker.uri("/q/health/ready"))).isEqualTo(200);

      broker.signal(signal);

      assertThat(next(watch)).isEqualTo(ServingStatus.NOT_SERVING);
      assertThat(Http.status(broker.uri("/q/health/ready"))).isEqualTo(503);
      client.exchange(Documents.request(TARGET, issuer)).granted();
      broker.signal(signal);
      assertThat(broker.awaitExit()).isEqualTo(exit);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void ends_without_a_failure_once_others_have_had_time_to_notice(String signal) {
    try (BrokerProcess broker =
        new BrokerProcess.Setup(federation).with("token-broker.shutdown.delay", "100ms").start()) {
      broker.signal(signal);

      assertThat(broker.awaitExit()).isZero();
      assertThat(broker.lines()).noneMatch(line -> line.contains("Timed out"));
    }
  }

  @Test
  void ends_watches_of_health_whatever_they_watch() {
    try (BrokerProcess broker =
            new BrokerProcess.Setup(federation)
                .with("token-broker.shutdown.delay", "100ms")
                .with("token-broker.shutdown.timeout", "60s")
                .start();
        BrokerClient client = broker.client()) {
      List<Iterator<HealthCheckResponse>> watches =
          Stream.of("", ServingNames.LIVE, "acme.Other")
              .map(
                  service ->
                      HealthGrpc.newBlockingStub(client.channel())
                          .withDeadlineAfter(30, TimeUnit.SECONDS)
                          .watch(HealthCheckRequest.newBuilder().setService(service).build()))
              .toList();
      watches.forEach(Iterator::next);

      broker.signal("TERM");

      assertThat(watches)
          .allSatisfy(
              watch ->
                  assertThatThrownBy(() -> watch.forEachRemaining(_ -> {}))
                      .isInstanceOfSatisfying(
                          StatusRuntimeException.class,
                          end ->
                              assertThat(end.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE)));
      assertThat(broker.awaitExit()).isZero();
    }
  }

  @Test
  void lets_a_call_end_that_is_under_way() throws Exception {
    Latch asked = new Latch(1);
    Latch answer = new Latch(1);
    try (FakeUpstream upstream =
        FakeUpstream.start(
            request -> {
              asked.countDown();
              answer.await();
              return FakeUpstream.token();
            })) {
      Path exchanging = Documents.write(directory, exchangingAt(upstream));
      try (BrokerProcess broker = new BrokerProcess.Setup(exchanging).start();
          BrokerClient client = broker.client()) {
        CompletableFuture<Answer> call = begin(client);
        asked.await();

        broker.signal("TERM");
        broker.awaitLine(line -> line.contains("Waiting for calls under way"));
        answer.countDown();

        call.get(20, TimeUnit.SECONDS).granted();
        assertThat(broker.awaitExit()).isZero();
      }
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
      Path exchanging = Documents.write(directory, exchangingAt(silent));
      try (BrokerProcess broker =
              new BrokerProcess.Setup(exchanging)
                  .with("token-broker.shutdown.timeout", "1s")
                  .with("token-broker.exchange.max-duration", "1m")
                  .with("token-broker.upstream.guard.attempt-timeout", "1m")
                  .start();
          BrokerClient client = broker.client()) {
        CompletableFuture<Answer> call = begin(client);
        asked.await();

        broker.signal("TERM");

        assertThat(call.get(20, TimeUnit.SECONDS).code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(broker.awaitExit()).isZero();
        assertThat(broker.lines())
            .anyMatch(line -> line.contains("Some gRPC calls have not ended in time"));
      }
    }
  }

  @Test
  void ends_at_once_when_asked_twice() {
    try (BrokerProcess broker =
        new BrokerProcess.Setup(federation).with("token-broker.shutdown.delay", "60s").start()) {
      broker.signal("INT");
      broker.awaitLine(line -> line.contains("Asked to stop by SIGINT"));
      broker.signal("INT");

      assertThat(broker.awaitExit()).isEqualTo(130);
    }
  }

  /** Each call that the broker recorded as accepted was answered so, and no other. */
  @Test
  void loses_no_accepted_call_of_a_load_when_it_stops() throws Exception {
    Latch warm = new Latch(WARM);
    Map<Code, Integer> codes = new EnumMap<>(Code.class);
    AtomicInteger calls = new AtomicInteger();
    try (BrokerProcess broker =
            new BrokerProcess.Setup(federation)
                .with("token-broker.shutdown.delay", "1s")
                .with("token-broker.admission.target-delay", "1s")
                .start();
        // One connection for all: what has been answered on it lies beside what it goes on sending.
        BrokerClient client = broker.client();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Code>>> loads = new ArrayList<>();
      for (int at = 0; at < CLIENTS; at++) {
        loads.add(clients.submit(() -> load(client, calls, warm)));
      }
      warm.await();
      broker.signal("TERM");
      for (Future<List<Code>> load : loads) {
        load.get(60, TimeUnit.SECONDS).forEach(code -> codes.merge(code, 1, Integer::sum));
      }

      assertThat(broker.awaitExit()).isZero();
      assertThat(codes.keySet()).isSubsetOf(Code.OK, Code.UNAVAILABLE);
      assertThat(broker.lines().stream().filter(line -> line.contains("\"accepted\"")).count())
          .isEqualTo(codes.getOrDefault(Code.OK, 0).longValue());
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

  private String exchangingAt(FakeUpstream upstream) {
    return Documents.granting(TARGET, issuer)
        .replace("mint: {lifetime: 5m}", "exchange: {upstream: sso}")
        .replace(
            "targets:",
            """
            upstreams:
              - {name: sso, tokenEndpoint: '%s/token', clientAuthentication: none, clientId: broker}
            targets:"""
                .formatted(upstream.origin()));
  }

  private static ServingStatus next(Iterator<HealthCheckResponse> watch) {
    return watch.next().getStatus();
  }

  private CompletableFuture<Answer> begin(BrokerClient client) {
    return CompletableFuture.supplyAsync(
        () -> client.exchange(Documents.request(TARGET, issuer)),
        task -> Thread.ofVirtual().start(task));
  }
}
