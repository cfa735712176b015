package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.edge.Artifact;
import dev.tokenbroker.edge.FreePort;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.jose.TestKey;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker in a process of its own whose standard output nobody reads. */
class AuditStallIT {

  private static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://issuer.example', audiences: ['https://broker.example'], jwksFile: jwks.json}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
      rules:
        - {name: pays, issuer: github, audience: payments-api, when: 'true', scopes: [read]}
      """;

  /** More than a pipe holds, a record being half a KiB at least. */
  private static final int CALLS = 400;

  private static final String LONG_TARGET = "t".repeat(500);

  /** How long the broker may take to start. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final int httpPort = FreePort.find();
  private final int grpcPort = FreePort.find();
  private final BrokerClient client = BrokerClient.plaintext(grpcPort);

  // There before the test.
  @SuppressWarnings("NullAway.Init")
  private Process broker;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    TestKey key = TestKey.generate("key-1", SigningAlgorithm.ES256);
    Files.writeString(
        directory.resolve("jwks.json"),
        JSONObjectUtils.toJSONString(Map.of("keys", List.of(key.jwk()))));
    Path federation = Files.writeString(directory.resolve("federation.yaml"), FEDERATION);
    broker =
        new ProcessBuilder(
                Artifact.built()
                    .command(
                        List.of(
                            "quarkus.http.host=127.0.0.1",
                            "quarkus.http.port=" + httpPort,
                            "quarkus.management.port=0",
                            "token-broker.grpc.port=" + grpcPort,
                            "token-broker.token.issuer=https://broker.example",
                            "token-broker.federation.path=" + federation)))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  @AfterEach
  void stop() {
    client.close();
    http.close();
    broker.destroyForcibly();
  }

  @Test
  void is_not_ready_and_says_so_until_its_records_are_read() {
    assertThat(Eventually.see(PATIENCE, this::readiness, status -> status == 200)).isEqualTo(200);

    List<ListenableFuture<ExchangeTokenResponse>> calls =
        IntStream.range(0, CALLS).mapToObj(_ -> refused()).toList();

    assertThat(Eventually.see(this::readiness, status -> status == 503)).isEqualTo(503);
    assertThat(Eventually.see(this::health, status -> status != ServingStatus.SERVING))
        .isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(IntStream.range(0, 50).map(_ -> readiness())).containsOnly(503);

    var _ = Thread.ofVirtual().start(this::readOutput);
    assertThat(Eventually.see(this::readiness, status -> status == 200)).isEqualTo(200);
    assertThat(Eventually.see(this::health, status -> status == ServingStatus.SERVING))
        .isEqualTo(ServingStatus.SERVING);
    assertThat(Eventually.see(() -> calls.stream().allMatch(Future::isDone), done -> done))
        .isTrue();
  }

  /** Does not wait for the answer. */
  private ListenableFuture<ExchangeTokenResponse> refused() {
    return TokenBrokerGrpc.newFutureStub(client.channel())
        .withWaitForReady()
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .exchangeToken(
            ExchangeTokenRequest.newBuilder()
                .setAudience(LONG_TARGET)
                .setSubjectToken("none")
                .build());
  }

  /** The status of the probe; 0 where there is none. */
  private int readiness() {
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/q/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return http.send(ready, BodyHandlers.discarding()).statusCode();
    } catch (IOException none) {
      return 0;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private ServingStatus health() {
    try {
      return HealthGrpc.newBlockingStub(client.channel())
          .withDeadlineAfter(5, TimeUnit.SECONDS)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } catch (StatusRuntimeException none) {
      return ServingStatus.UNKNOWN;
    }
  }

  private void readOutput() {
    try {
      long _ = broker.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException ended) {
      throw new UncheckedIOException(ended);
    }
  }
}
