package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.edges.http.guard.LocalHttp;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Verdict;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands make of the answers of a broker: a server that says what it is told to. */
class RunningBrokerTest {

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private volatile byte[] message = {};
  private volatile byte[] asked = {};
  private final URI broker = LocalHttp.serve(vertx, this::answer);

  @Test
  void shows_the_verdict_that_it_is_answered() {
    message = verdictOf(Timestamp.newBuilder().setSeconds(1_700_000_000).build());

    Ran ran = explain("--json");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("\"evaluation_time\" : \"2023-11-14T22:13:20Z\"");
  }

  @Test
  void shows_the_verdict_of_the_candidate_below() {
    message = withCandidate(1_700_000_001).toByteArray();

    Ran ran = explain("--tree", address(), "--with-candidate");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .isEqualTo(
            """
            refused: NO_RULE_MATCHED
            ├─ verdict   v1 at 2023-11-14T22:13:20Z
            └─ steps

            candidate accepted
            ├─ rule      deploy
            ├─ verdict   v2 at 2023-11-14T22:13:21Z
            └─ steps
            """);
    assertThat(explain("--json", address(), "--with-candidate").out())
        .contains("\"candidate\" : {\n    \"id\" : \"v2\",");
  }

  @Test
  void says_that_the_broker_shows_no_verdict_of_a_candidate() {
    message = verdictOf(Timestamp.newBuilder().setSeconds(1_700_000_000).build());

    Ran ran = explain("--json", address(), "--with-candidate");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).doesNotContain("candidate");
    assertThat(ran.err()).hasLineCount(1).contains("the broker shows no verdict of a candidate");
  }

  @Test
  void asks_for_the_candidate_only_where_that_is_an_option() throws Exception {
    message = withCandidate(1_700_000_001).toByteArray();

    explain("--json");
    assertThat(ExplainExchangeRequest.parseFrom(asked).getWithCandidate()).isFalse();
    explain("--json", address(), "--with-candidate");
    assertThat(ExplainExchangeRequest.parseFrom(asked).getWithCandidate()).isTrue();
  }

  @Test
  void names_the_client_that_the_operator_names() throws Exception {
    message = withCandidate(1_700_000_001).toByteArray();

    explain("--json", address(), "--client", "gateway");
    assertThat(ExplainExchangeRequest.parseFrom(asked).getClient()).isEqualTo("gateway");
  }

  @Test
  void a_candidates_verdict_of_no_possible_time_is_no_brokers() {
    message = withCandidate(Long.MAX_VALUE).toByteArray();

    assertThat(explain("--json")).isEqualTo(noBroker());
  }

  private static Verdict withCandidate(long seconds) {
    return Verdict.newBuilder()
        .setId("v1")
        .setOutcome(Outcome.OUTCOME_REFUSED)
        .setReason("NO_RULE_MATCHED")
        .setEvaluationTime(Timestamp.newBuilder().setSeconds(1_700_000_000))
        .setCandidate(
            Verdict.newBuilder()
                .setId("v2")
                .setOutcome(Outcome.OUTCOME_ACCEPTED)
                .setRule("deploy")
                .setEvaluationTime(Timestamp.newBuilder().setSeconds(seconds)))
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "--json, 9223372036854775807, 0",
    "--tree, 9223372036854775807, 0",
    "--tree, -9223372036854775808, 0",
    "--json, 253402300800, 0",
    "--json, 1700000000, -1",
    "--json, 1700000000, 1000000000",
  })
  void a_verdict_of_no_possible_time_is_no_brokers(String form, long seconds, int nanos) {
    message = verdictOf(Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build());

    assertThat(explain(form)).isEqualTo(noBroker());
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html></html>", "\n\u0005id"})
  void a_message_that_is_no_verdict_is_no_brokers(String other) {
    message = Buffer.buffer(other).getBytes();

    assertThat(explain("--json")).isEqualTo(noBroker());
  }

  @Test
  void health_asks_at_the_ports_of_the_settings() {
    message =
        HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build().toByteArray();
    String port = String.valueOf(broker.getPort());

    assertThat(withSetting("token-broker.grpc.port", port, "health", "--service", "any"))
        .isEqualTo(new Ran(0, "SERVING\n", ""));
    assertThat(withSetting("quarkus.management.port", port, "health", "live"))
        .isEqualTo(new Ran(0, "live\n", ""));
  }

  @Test
  void asks_a_server_of_grpc_java() throws IOException {
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("up", ServingStatus.SERVING);
    health.setStatus("down", ServingStatus.NOT_SERVING);
    Server server = grpc(health);
    String address = "localhost:" + server.getPort();
    try {
      assertThat(new Shell().line("health --address " + address + " --service up"))
          .isEqualTo(new Ran(0, "SERVING\n", ""));
      assertThat(new Shell().line("health --address " + address + " --service down"))
          .isEqualTo(Ran.told(1, "down is NOT_SERVING"));
      assertThat(new Shell().line("health --address " + address + " --service none"))
          .isEqualTo(Ran.told(1, "the broker has no service none"));
      assertThat(explain("--json", address))
          .isEqualTo(
              Ran.told(
                  69,
                  "the broker does not judge: status 12 Method not found:"
                      + " tokenbroker.v1.TokenBroker/ExplainExchange"));
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void says_which_protocol_the_port_does_not_speak() throws IOException {
    Server grpc = grpc(new HealthStatusManager());
    HttpServerOptions onlyHttp1 = new HttpServerOptions().setHttp2ClearTextEnabled(false);
    int http =
        LocalHttp.get(
                vertx
                    .createHttpServer(onlyHttp1)
                    .requestHandler(asked -> asked.response().end())
                    .listen(0, "localhost"))
            .actualPort();
    try {
      assertThat(new Shell().run("health", "--address", "localhost:" + grpc.getPort()).err())
          .hasLineCount(1)
          .contains("cannot be reached over HTTP: ");
      assertThat(explain("--json", "localhost:" + http).err())
          .hasLineCount(1)
          .contains("cannot be reached over gRPC: ");
    } finally {
      grpc.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--tls", "--ca-file ROOT --server-name other.example"})
  void explain_sends_nothing_to_whom_it_cannot_trust(String options, @TempDir Path directory)
      throws IOException {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "broker", "localhost");
    String root = authority.writeRoot(directory).toString();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .useTransportSecurity(
                directory.resolve("broker.crt").toFile(), directory.resolve("broker.key").toFile())
            .build()
            .start();
    try {
      Ran ran =
          explain(
              "--json", "localhost:" + server.getPort(), options.replace("ROOT", root).split(" "));

      assertThat(ran.code()).isEqualTo(69);
      assertThat(ran.out()).isEmpty();
      assertThat(ran.err()).hasLineCount(1).startsWith("token-broker: the broker at localhost:");
    } finally {
      server.shutdownNow();
    }
  }

  private static Server grpc(HealthStatusManager health) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(health.getHealthService())
        .build()
        .start();
  }

  private static Ran withSetting(String key, String value, String... args) {
    System.setProperty(key, value);
    try {
      return new Shell().run(args);
    } finally {
      System.clearProperty(key);
    }
  }

  @Test
  void health_ends_with_1_where_its_output_cannot_be_written() {
    OutputStream full = failing(new IOException("No space left on device"));

    assertThat(new Shell().run("health", "--address", address()).code()).isZero();
    assertThat(new Shell().runInto(full, "health", "--address", address()))
        .isEqualTo(Ran.told(1, "the output could not be written"));
  }

  static List<Throwable> bugs() {
    return List.of(new IllegalStateException("a bug"), new ServiceConfigurationError("a bug"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void health_ends_with_1_by_a_bug(Throwable bug) {
    Ran ran = new Shell().runInto(failing(bug), "health", "--address", address());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("token-broker: a bug ended the command: " + bug.getClass().getSimpleName());
  }

  /** Fails at the first write with that. */
  private static OutputStream failing(Throwable failure) {
    return new OutputStream() {
      private @Nullable Throwable next = failure;

      @Override
      public void write(int b) throws IOException {
        Throwable now = next;
        next = null;
        switch (now) {
          case IOException broken -> throw broken;
          case RuntimeException bug -> throw bug;
          case Error bug -> throw bug;
          case null, default -> {}
        }
      }
    };
  }

  private static byte[] verdictOf(Timestamp time) {
    return Verdict.newBuilder().setId("v1").setEvaluationTime(time).build().toByteArray();
  }

  private void answer(HttpServerRequest request) {
    byte[] said = message;
    request
        .body()
        .onSuccess(
            body -> {
              asked = body.getBytes(Math.min(5, body.length()), body.length());
              request
                  .response()
                  .putHeader("content-type", "application/grpc")
                  .putTrailer("grpc-status", "0")
                  .end(
                      Buffer.buffer()
                          .appendByte((byte) 0)
                          .appendInt(said.length)
                          .appendBytes(said));
            });
  }

  private Ran explain(String form) {
    return explain(form, address());
  }

  private static Ran explain(String form, String address, String... more) {
    String[] args = {"explain", "--broker", address, "--credential", "-", "--audience", "b", form};
    return new Shell()
        .typing("x")
        .run(Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new));
  }

  private Ran noBroker() {
    return Ran.told(76, "what answers at " + address() + " is no token broker");
  }

  private String address() {
    return broker.getAuthority();
  }
}
