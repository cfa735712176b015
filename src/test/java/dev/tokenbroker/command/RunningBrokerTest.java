package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.http.LocalHttp;
import dev.tokenbroker.v1.Verdict;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands make of the answers of a broker: a server that says what it is told to. */
class RunningBrokerTest {

  private final Vertx vertx = Vertx.vertx();
  private volatile byte[] message = {};
  private final URI broker = LocalHttp.serve(vertx, this::answer);

  @AfterEach
  void stop() {
    LocalHttp.get(vertx.close());
  }

  @Test
  void shows_the_verdict_that_it_is_answered() {
    message = verdictOf(Timestamp.newBuilder().setSeconds(1_700_000_000).build());

    Ran ran = explain("--json");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("\"evaluation_time\" : \"2023-11-14T22:13:20Z\"");
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
  void health_ends_with_1_where_its_output_cannot_be_written() {
    OutputStream full = failing(new IOException("No space left on device"));

    assertThat(new Shell().run("health", "--address", address()).code()).isZero();
    assertThat(new Shell().runInto(full, "health", "--address", address()))
        .isEqualTo(new Ran(1, "", "token-broker: the output could not be written\n"));
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

  private void answer(HttpServerRequest asked) {
    byte[] said = message;
    asked
        .response()
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end(Buffer.buffer().appendByte((byte) 0).appendInt(said.length).appendBytes(said));
  }

  private Ran explain(String form) {
    return new Shell()
        .typing("x")
        .run("explain", "--broker", address(), "--credential", "-", "--audience", "b", form);
  }

  private Ran noBroker() {
    return new Ran(
        76, "", "token-broker: what answers at %s is no token broker\n".formatted(address()));
  }

  private String address() {
    return broker.getAuthority();
  }
}
