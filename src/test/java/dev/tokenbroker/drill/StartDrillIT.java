package dev.tokenbroker.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Faults of the broker's own settings, files and streams, each with a start of its own. */
@Tag("drill")
class StartDrillIT {

  private static final int STARTS_AT_A_TIME = 3;

  private static final int CALLS_AT_A_TIME = 5;

  static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://localhost:1', audiences: ['https://broker.example']}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
      rules:
        - {name: pays, issuer: github, audience: payments-api, when: 'true', scopes: [read]}
      """;

  @TempDir Path directory;

  /** What a start left. */
  private record Ended(int code, List<String> lines) {}

  @TestFactory
  Stream<DynamicTest> does_not_start_and_names_the_setting_for() {
    List<StartFault> faults = StartFault.all();
    assertThat(faults).hasSizeGreaterThanOrEqualTo(60);
    Map<String, List<StartFault>> starts =
        faults.stream()
            .collect(
                Collectors.groupingBy(
                    fault -> fault.start().isEmpty() ? fault.name() : fault.start(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    ExecutorService pool = Executors.newFixedThreadPool(STARTS_AT_A_TIME);
    Map<String, Future<Ended>> ended = new LinkedHashMap<>();
    starts.forEach((name, some) -> ended.put(name, pool.submit(() -> start(name, some))));
    pool.shutdown();
    return starts.entrySet().stream()
        .flatMap(
            start ->
                start.getValue().stream()
                    .map(
                        fault ->
                            DynamicTest.dynamicTest(
                                fault.name(),
                                () ->
                                    refused(
                                        fault,
                                        Objects.requireNonNull(ended.get(start.getKey())).get()))));
  }

  private Ended start(String name, List<StartFault> faults) throws IOException {
    Path files =
        Files.createDirectories(directory.resolve("" + Integer.toUnsignedString(name.hashCode())));
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(Files.writeString(files.resolve("federation.yaml"), FEDERATION))
            .in(files);
    faults.forEach(fault -> fault.injection().accept(setup, files));
    try (BrokerProcess broker = setup.launch()) {
      return new Ended(broker.awaitExit(), broker.lines());
    }
  }

  private static void refused(StartFault fault, Ended ended) {
    assertThat(ended.lines())
        .filteredOn(line -> line.contains(StartFault.BEGIN))
        .singleElement()
        .satisfies(line -> assertThat(line).contains(fault.words()));
    assertThat(ended.code()).isEqualTo(fault.code());
    assertThat(ended.lines())
        .noneMatch(line -> line.startsWith("\tat ") || line.matches(".*\\w\\.\\w+Exception.*"))
        .noneMatch(line -> StartFault.SECRETS.stream().anyMatch(line::contains));
  }

  @Test
  void warns_of_a_proxy_variable_without_effect_and_hides_passwords() {
    try (BrokerProcess broker =
        setup().environment("HTTPS_PROXY", "http://user:s3cr3t@127.0.0.1:1").start()) {
      assertThat(broker.lines().stream().filter(line -> line.contains("HTTPS_PROXY")))
          .singleElement()
          .asString()
          .contains("token-broker.upstream.proxy")
          .doesNotContain("s3cr3t");
    }
  }

  @Test
  void starts_without_a_signing_key_is_not_ready_and_names_the_file() {
    try (BrokerProcess broker =
        setup()
            .with("token-broker.token.key-files", directory.resolve("none.pem").toString())
            .start()) {
      assertThat(broker.lines()).anyMatch(line -> line.matches(".*ERROR.*none\\.pem.*"));
      assertThat(scrape(broker, "/q/health/ready").statusCode()).isEqualTo(503);
      List<String> meters = scrape(broker, "/q/metrics").body().lines().toList();
      assertThat(meters).contains("tokenbroker_signing_key_available 0.0");
      assertThat(new SelectingAlerts().selects("TokenBrokerNoSigningKey", meters, "tokenbroker_"))
          .isTrue();
    }
  }

  /** Nothing is answered without its record, so no caller gets a token. */
  @Test
  void is_not_ready_once_its_standard_output_is_closed() {
    try (BrokerProcess broker = setup().start();
        BrokerClient client = broker.client()) {
      broker.closeOutput();
      Eventually.until(
          () -> client.exchange(BrokerClient.exchangeOf("none")).reason(),
          "INTERNAL_ERROR"::equals);

      assertThat(scrape(broker, "/q/health/ready").statusCode()).isEqualTo(503);
      assertThat(scrape(broker, "/q/health/ready").body()).contains("audit log");
      List<String> meters = scrape(broker, "/q/metrics").body().lines().toList();
      assertThat(new SelectingAlerts().selects("TokenBrokerInternalErrors", meters, "tokenbroker_"))
          .isTrue();
    }
  }

  @Test
  void is_not_ready_during_an_output_stall_and_names_it_later() {
    try (BrokerProcess broker = setup().start();
        BrokerClient client = broker.client()) {
      broker.pauseOutput(true);

      // Of these, only some a second have a line of their own.
      Eventually.until(
          Duration.ofSeconds(60),
          () -> {
            for (int call = 0; call < CALLS_AT_A_TIME; call++) {
              ListenableFuture<ExchangeTokenResponse> _ =
                  TokenBrokerGrpc.newFutureStub(client.channel())
                      .exchangeToken(
                          ExchangeTokenRequest.newBuilder()
                              .setAudience("t".repeat(500))
                              .setSubjectToken("none")
                              .build());
            }
            return scrape(broker, "/q/health/ready").statusCode();
          },
          status -> status == 503);
      assertThat(scrape(broker, "/q/health/ready").body()).contains("audit log");
      assertThat(scrape(broker, "/q/metrics").statusCode()).isEqualTo(200);

      broker.pauseOutput(false);
      assertThat(broker.awaitLine(line -> line.matches("(?i).*standard output .*audit record.*")))
          .doesNotContain("\tat ");
    }
  }

  private BrokerProcess.Setup setup() {
    return Unchecked.get(
        () ->
            new BrokerProcess.Setup(
                Files.writeString(directory.resolve("federation.yaml"), FEDERATION)));
  }

  private static HttpResponse<String> scrape(BrokerProcess broker, String path) {
    return Http.get(URI.create("http://127.0.0.1:" + broker.managementPort() + path));
  }
}
