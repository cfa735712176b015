package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A gRPC client in Debian's Python, by grpcio over the C core, with stubs that Debian's protoc
 * generates as clients.md describes, and with the service config of clients.md.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PythonGrpcIT {

  private static final String ADVISED = "advised";
  private static final String EAGER = "eager";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();
  private final FakeIssuer stalling = FakeIssuer.start();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    Path stubs = stubs(directory);
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    stalling.answer(FakeIssuer.Answer.HANG);
    broker =
        InteropBroker.start(
            directory,
            InteropFederation.of(Map.of("good", issuer, "down", down, "stalling", stalling)),
            Map.of("token-broker.issuer.key-cool-down", "1s"));
    client = InteropProgram.python("broker.py", broker, stubs, "dns:///" + broker.grpcAuthority());
    open(ADVISED, Documented.patientServiceConfig());
    open(EAGER, eager());
    // Connected, so that deadlines are spent on what they are about.
    client.ask("health", Map.of("channel", ADVISED, "service", ""));
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    List.of(issuer, down, stalling).forEach(FakeIssuer::close);
  }

  @Test
  void exchanges_a_credential() {
    Answer granted = exchange(ADVISED, issuer.credential());

    assertThat(granted.text("code")).as("%s", granted).isEqualTo("OK");
    assertThat(granted.text("response", "accessToken")).startsWith("eyJ");
    assertThat(granted.text("response", "tokenType")).isEqualTo("Bearer");
    assertThat(Instant.parse(granted.text("response", "refreshTime")))
        .isBetween(Instant.now(), Instant.parse(granted.text("response", "expireTime")));
  }

  @Test
  void reads_why_it_was_refused_and_what_it_may_know() {
    Answer refused = exchange(ADVISED, expired());

    assertThat(refused.text("code")).isEqualTo("UNAUTHENTICATED");
    assertThat(refused.text("info", "reason")).isEqualTo("CREDENTIAL_EXPIRED");
    assertThat(refused.text("info", "domain")).isEqualTo("tokenbroker.dev");
    assertThat(broker.awaitLine(refused.text("info", "metadata", "verdict_id")))
        .contains("CREDENTIAL_EXPIRED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tokenbroker.v1.TokenBroker", "live"})
  void finds_it_healthy(String service) {
    assertThat(client.ask("health", Map.of("channel", ADVISED, "service", service)).text("status"))
        .isEqualTo("SERVING");
  }

  @Test
  void repeats_temporary_refusals_as_often_as_its_policy_says() {
    String credential = down.credential();

    Answer refused = exchange(ADVISED, credential);

    assertThat(refused.text("code")).isEqualTo("UNAVAILABLE");
    assertThat(Integer.parseInt(refused.text("pushback"))).isPositive();
    assertThat(broker.evaluations(credential)).isEqualTo(3);
  }

  @Test
  void does_not_repeat_where_the_pushback_says_so() {
    String credential = expired();

    Answer refused = exchange(EAGER, credential);

    assertThat(refused.text("code")).isEqualTo("UNAUTHENTICATED");
    assertThat(refused.text("pushback")).isEqualTo("-1");
    assertThat(broker.evaluations(credential)).isEqualTo(1);
  }

  @Test
  void has_the_broker_stop_at_its_deadline() {
    String credential = stalling.credential();

    Answer late =
        client.ask("exchange", Map.of("channel", ADVISED, "credential", credential, "timeout", 3));

    assertThat(late.text("code")).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(broker.awaitLine(InteropBroker.digest(credential))).contains("DEADLINE_EXCEEDED");
  }

  /** By the commands of clients.md, and those of health beside them. */
  private static Path stubs(Path directory) throws IOException {
    DebianProgram.PYTHON.run("-c", "import grpc; from grpc_status import rpc_status");
    Path plugin = DebianProgram.PROTOC_PYTHON.present();
    Files.createSymbolicLink(directory.resolve("src"), Path.of("src").toAbsolutePath());
    Documented.run(directory, "use/clients.md", "--grpc_python_out");
    Path stubs = directory.resolve("stubs");
    DebianProgram.PROTOC.run(
        "-I",
        Path.of("target", "interop", "proto").toString(),
        "--plugin=protoc-gen-grpc_python=" + plugin,
        "--python_out=" + stubs,
        "--grpc_python_out=" + stubs,
        "health/v1/health.proto");
    return stubs;
  }

  /** More eager than any client should be. */
  private static Map<String, Object> eager() {
    return Map.of(
        "methodConfig",
        List.of(
            Map.of(
                "name",
                List.of(Map.of("service", "tokenbroker.v1.TokenBroker")),
                "retryPolicy",
                Map.of(
                    "maxAttempts",
                    5,
                    "initialBackoff",
                    "0.01s",
                    "maxBackoff",
                    "0.1s",
                    "backoffMultiplier",
                    2,
                    "retryableStatusCodes",
                    List.of("UNAUTHENTICATED", "UNAVAILABLE")))));
  }

  private String expired() {
    return issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));
  }

  private void open(String channel, Map<String, Object> serviceConfig) {
    client.ask("open", Map.of("channel", channel, "serviceConfig", serviceConfig));
  }

  private Answer exchange(String channel, String credential) {
    return client.ask("exchange", Map.of("channel", channel, "credential", credential));
  }
}
