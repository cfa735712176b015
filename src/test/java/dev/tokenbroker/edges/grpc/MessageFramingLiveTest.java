package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be wrong with how messages are sent, before they are messages. */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MessageFramingLiveTest {

  private static final int LIMIT = 256 * 1024;
  private static final Map<String, String> GZIP = Map.of("grpc-encoding", "gzip");
  private static final String EXCHANGE =
      TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName();

  /** The head of a request with an audience of 64 MiB. */
  private static final String AUDIENCE = "0a80808020";

  /** The same with a lifetime in which something of twice that length stands. */
  private static final String BROKEN_LIFETIME = "2a80808020" + "1a80808040";

  private static final String HEALTH = HealthGrpc.getCheckMethod().getFullMethodName();

  @Inject Federations federations;
  @Inject Vertx vertx;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final FailureLog log = new FailureLog();
  @AutoClose private RawCalls calls;

  @BeforeAll
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    calls = new RawCalls(vertx, GrpcPort.uri());
  }

  /** What to send instead of a message that is in order, so that it is no single readable one. */
  record Misframed(String name, Map<String, String> headers, Function<byte[], Buffer> body) {

    Misframed(String name, Function<byte[], Buffer> body) {
      this(name, Map.of(), body);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Misframed> misframed() {
    byte[] huge = new byte[LIMIT + 1];
    Buffer tooLarge = RawCalls.frame(0, huge);
    Buffer unreadable = RawCalls.frame(0, new byte[] {0x07});
    return List.of(
        new Misframed("nothing", _ -> Buffer.buffer()),
        new Misframed("half a prefix", good -> one(good).getBuffer(0, 3)),
        new Misframed("half a message", good -> one(good).getBuffer(0, good.length / 2)),
        new Misframed("one byte too large", _ -> tooLarge),
        new Misframed("four megabytes", _ -> RawCalls.frame(0, new byte[4 << 20])),
        new Misframed(
            "four gigabytes, of which nothing comes", _ -> RawCalls.announced(0, 0xFFFF_FFFFL)),
        new Misframed("two messages", good -> one(good).appendBuffer(one(good))),
        new Misframed("forty messages", MessageFramingLiveTest::forty),
        new Misframed("a second one too large", good -> one(good).appendBuffer(tooLarge)),
        new Misframed("a third one too large", good -> forty(good).appendBuffer(tooLarge)),
        new Misframed("a first one too large", good -> tooLarge.copy().appendBuffer(one(good))),
        new Misframed("two too large", _ -> tooLarge.copy().appendBuffer(tooLarge)),
        new Misframed("unreadable, then too large", _ -> unreadable.copy().appendBuffer(tooLarge)),
        new Misframed("compressed, without a name", good -> RawCalls.frame(1, gzip(good))),
        new Misframed(
            "compressed, without a name, and more",
            good -> RawCalls.frame(1, gzip(good)).appendBuffer(one(good))),
        new Misframed(
            "compressed identity",
            Map.of("grpc-encoding", "identity"),
            good -> RawCalls.frame(1, gzip(good))),
        new Misframed("no gzip", GZIP, good -> RawCalls.frame(1, good)),
        new Misframed("half of a gzip", GZIP, good -> half(gzip(good))),
        new Misframed("a bomb", GZIP, _ -> RawCalls.frame(1, bomb(AUDIENCE))),
        new Misframed("compressed too well", GZIP, _ -> RawCalls.frame(1, gzip(huge))));
  }

  @ParameterizedTest
  @MethodSource("misframed")
  void refuses_what_is_no_single_message(Misframed misframed) {
    for (Map.Entry<String, byte[]> good : messages().entrySet()) {
      Buffer body = misframed.body().apply(good.getValue());

      assertRefused(calls.whole(good.getKey(), misframed.headers(), body));
    }
    assertThat(granted(one(request().toByteArray()), Map.of())).isTrue();
    assertThat(log.failures()).isEmpty();
  }

  @Test
  void refuses_a_message_by_its_announced_length_without_reading_on() {
    assertRefused(calls.unfinished(EXCHANGE, Map.of(), RawCalls.announced(0, LIMIT + 1)));
  }

  @Test
  void unpacks_no_more_than_its_limit_of_what_it_need_not_keep() {
    Answer answer = calls.whole(EXCHANGE, GZIP, RawCalls.frame(1, bomb(BROKEN_LIFETIME)));

    assertRefused(answer);
  }

  @Test
  void takes_a_message_compressed_by_gzip() {
    byte[] message = request().toByteArray();

    assertThat(granted(RawCalls.frame(1, gzip(message)), GZIP)).isTrue();
    assertThat(granted(RawCalls.frame(0, message), GZIP)).isTrue();
  }

  @Test
  void takes_a_check_of_health_compressed_by_gzip() {
    assertThat(calls.whole(HEALTH, GZIP, RawCalls.frame(1, gzip(check()))).code())
        .isEqualTo(Code.OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"YQ", "YQ==,Yg=="})
  void does_not_look_at_binary_metadata(String value) {
    Buffer one = one(request().toByteArray());

    assertThat(granted(one, Map.of("trace-bin", value))).isTrue();
  }

  @Test
  void knows_no_other_compression_and_says_so() {
    for (int flag : new int[] {0, 1}) {
      Answer answer =
          calls.whole(
              EXCHANGE,
              Map.of("grpc-encoding", "snappy"),
              RawCalls.frame(flag, request().toByteArray()));

      assertThat(answer.code()).isEqualTo(Code.UNIMPLEMENTED);
    }
  }

  private boolean granted(Buffer body, Map<String, String> headers) {
    return !calls.whole(EXCHANGE, headers, body).granted().getAccessToken().isEmpty();
  }

  private static void assertRefused(Answer answer) {
    assertThat(answer.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(answer.reason()).isEqualTo("REQUEST_INVALID");
    assertThat(answer.pushback()).isEqualTo("-1");
  }

  private static byte[] check() {
    return HealthCheckRequest.newBuilder().setService("live").build().toByteArray();
  }

  private ExchangeTokenRequest request() {
    return BrokerClient.exchangeOf(issuer.credential());
  }

  /** Each method with a message that is in order. */
  private Map<String, byte[]> messages() {
    return Map.of(
        EXCHANGE,
        request().toByteArray(),
        TokenBrokerGrpc.getExplainExchangeMethod().getFullMethodName(),
        ExplainExchangeRequest.newBuilder().setExchange(request()).build().toByteArray(),
        HEALTH,
        check(),
        HealthGrpc.getWatchMethod().getFullMethodName(),
        check());
  }

  private static Buffer one(byte[] message) {
    return RawCalls.frame(0, message);
  }

  private static Buffer forty(byte[] message) {
    Buffer all = Buffer.buffer();
    for (int at = 0; at < 40; at++) {
      all.appendBuffer(one(message));
    }
    return all;
  }

  private static Buffer half(byte[] compressed) {
    return RawCalls.frame(1, Arrays.copyOf(compressed, compressed.length / 2));
  }

  /** A message that begins so and goes on for 64 MiB. */
  private static byte[] bomb(String head) {
    byte[] letters = "a".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
    return compressed(
        gzip -> {
          gzip.write(HexFormat.of().parseHex(head));
          for (int at = 0; at < 1 << 10; at++) {
            gzip.write(letters);
          }
        });
  }

  private static byte[] gzip(byte[] message) {
    return compressed(gzip -> gzip.write(message));
  }

  /** What is to be compressed. */
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private static byte[] compressed(Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      content.writeTo(gzip);
    } catch (IOException memory) {
      throw new UncheckedIOException(memory);
    }
    return bytes.toByteArray();
  }
}
