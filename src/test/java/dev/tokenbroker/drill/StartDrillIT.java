package dev.tokenbroker.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Faults of the broker's own settings, files and streams, each with a start of its own. */
@Tag("drill")
class StartDrillIT {

  private static final int CONFIGURATION = 78;

  private static final int CALLS_AT_A_TIME = 5;

  private static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://localhost:1', audiences: ['https://broker.example']}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
      rules:
        - {name: pays, issuer: github, audience: payments-api, when: 'true', scopes: [read]}
      """;

  @TempDir Path directory;

  /**
   * A fault for which the broker does not start.
   *
   * @param words what its one line must contain: the setting, what is wrong with it, and the remedy
   */
  private record StartFault(
      String name, BiConsumer<BrokerProcess.Setup, Path> injection, List<String> words) {}

  private static List<StartFault> faults() {
    return List.of(
        new StartFault(
            "an environment variable that is misspelt",
            (setup, _) -> setup.environment("TOKEN_BROKER_ISUER_KEY_COOL_DOWN", "10s"),
            List.of("TOKEN_BROKER_ISUER_KEY_COOL_DOWN", "no setting", "Correct the name")),
        new StartFault(
            "a system property that is misspelt",
            (setup, _) -> setup.with("token-broker.isuer.key-cool-down", "10s"),
            List.of("token-broker.isuer.key-cool-down", "no setting", "Correct the name")),
        new StartFault(
            "a duration out of its bounds",
            (setup, _) -> setup.with("token-broker.issuer.key-cool-down", "1ms"),
            List.of("token-broker.issuer.key-cool-down", "PT0.1S at least")),
        new StartFault(
            "no issuer of tokens",
            (setup, _) -> setup.without("token-broker.token.issuer"),
            List.of("token-broker.token.issuer")),
        new StartFault(
            "a federation document with problems",
            (_, files) ->
                write(files.resolve("federation.yaml"), FEDERATION.replace("mint:", "mnt:")),
            List.of("token-broker.federation.path", "1 problem(s)", "token-broker check")),
        new StartFault(
            "a key that does not fit the certificate",
            (setup, files) -> {
              TestTls.generate().writePair(files, "own", "localhost");
              TestTls.generate().writePair(files, "other", "localhost");
              setup
                  .with("quarkus.tls.key-store.pem.0.cert", files.resolve("own.crt").toString())
                  .with("quarkus.tls.key-store.pem.0.key", files.resolve("other.key").toString());
            },
            List.of("quarkus.tls.key-store", "own.crt", "other.key", "key does not fit")),
        new StartFault(
            "an audit log that is switched off",
            (setup, _) ->
                setup
                    .with("token-broker.audit.to", "log")
                    .with("quarkus.log.category.\"dev.tokenbroker.audit\".level", "OFF"),
            List.of("dev.tokenbroker.audit")));
  }

  private static void write(Path file, String content) {
    try {
      var _ = Files.writeString(file, content);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @TestFactory
  Stream<DynamicTest> does_not_start_and_names_the_setting_for() {
    return faults().stream()
        .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> refusesToStart(fault)));
  }

  private void refusesToStart(StartFault fault) {
    BrokerProcess.Setup setup = setup();
    fault.injection().accept(setup, directory);
    try (BrokerProcess broker = setup.launch()) {
      assertThat(broker.awaitExit()).as("" + broker.lines()).isEqualTo(CONFIGURATION);
      assertThat(broker.lines())
          .anySatisfy(line -> assertThat(line).contains(fault.words()))
          .noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void warns_of_a_proxy_variable_that_has_no_effect_and_hides_its_password() {
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
  void is_not_ready_while_its_standard_output_stalls_and_names_it_afterwards() {
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
    try {
      return new BrokerProcess.Setup(
          Files.writeString(directory.resolve("federation.yaml"), FEDERATION));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static HttpResponse<String> scrape(BrokerProcess broker, String path) {
    return Http.get(URI.create("http://127.0.0.1:" + broker.managementPort() + path));
  }
}
