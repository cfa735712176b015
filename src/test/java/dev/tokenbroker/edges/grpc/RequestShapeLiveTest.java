package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.CallOptions;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are wrong before their credential is looked at. */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestShapeLiveTest {

  private static final byte[] A_LENGTH_BEYOND_THE_END = {0x0A, 0x7F, 'x'};
  private static final byte[] AN_INVALID_TAG = {0x07, 0x07, 0x07};
  private static final byte[] TEXT_THAT_IS_NO_UTF_8 = {0x0A, 0x02, (byte) 0xC3, 0x28};

  @Inject Federations federations;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private BrokerClient client;

  @BeforeAll
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
  }

  /** One way to break a request that is in order, and the fields that are then named. */
  record Misshapen(
      String name, UnaryOperator<ExchangeTokenRequest.Builder> broken, List<String> fields) {

    Misshapen(String name, UnaryOperator<ExchangeTokenRequest.Builder> broken, String... fields) {
      this(name, broken, List.of(fields));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Misshapen> misshapen() {
    return List.of(
        new Misshapen("nothing at all", it -> it.clear(), "audience", "subject_token"),
        new Misshapen("no audience", it -> it.clearAudience(), "audience"),
        new Misshapen("long audience", it -> it.setAudience("a".repeat(513)), "audience"),
        new Misshapen("no credential", it -> it.clearSubjectToken(), "subject_token"),
        new Misshapen(
            "65 scopes", it -> it.addAllScopes(Collections.nCopies(65, "read")), "scopes"),
        new Misshapen(
            "a long scope", it -> it.addScopes("read").addScopes("s".repeat(257)), "scopes[1]"),
        new Misshapen("an empty scope", it -> it.addScopes(""), "scopes[0]"),
        new Misshapen("two scopes in one", it -> it.addScopes("read write"), "scopes[0]"),
        new Misshapen("no lifetime", it -> it.setLifetime(seconds(0, 0)), "lifetime"),
        new Misshapen("half a second", it -> it.setLifetime(seconds(0, 500_000_000)), "lifetime"),
        new Misshapen("a negative lifetime", it -> it.setLifetime(seconds(-60, 0)), "lifetime"),
        new Misshapen("mixed signs", it -> it.setLifetime(seconds(60, -1)), "lifetime"),
        new Misshapen(
            "too many nanos", it -> it.setLifetime(seconds(60, 1_000_000_000)), "lifetime"),
        new Misshapen(
            "too many seconds", it -> it.setLifetime(seconds(Long.MAX_VALUE, 0)), "lifetime"));
  }

  @ParameterizedTest
  @MethodSource("misshapen")
  void names_the_fields_of_a_misshapen_request(Misshapen misshapen) {
    StatusRuntimeException refused = refused(misshapen.broken().apply(request()).build());

    Answer answer = BrokerClient.refused(refused);
    assertThat(answer.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(answer.reason()).isEqualTo("REQUEST_INVALID");
    assertThat(answer.pushback()).isEqualTo("-1");
    assertThat(answer.facts()).containsKey("verdict_id").containsEntry("step", "request");
    assertThat(violated(refused)).isEqualTo(misshapen.fields());
  }

  @Test
  void cuts_the_list_of_fields_where_there_are_many() {
    StatusRuntimeException refused =
        refused(request().addAllScopes(Collections.nCopies(64, "no scope")).build());

    assertThat(violated(refused)).hasSize(8);
    assertThat(BrokerClient.refused(refused).detailBytes()).isLessThan(3_000);
  }

  @Test
  void refuses_delegation() {
    assertRefused(
        request().setActorToken("anything"), Code.INVALID_ARGUMENT, "ACTOR_NOT_SUPPORTED");
    assertRefused(
        request().setActorTokenType("anything"), Code.INVALID_ARGUMENT, "ACTOR_NOT_SUPPORTED");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "urn:ietf:params:oauth:token-type:saml2",
        "urn:ietf:params:oauth:token-type:refresh_token",
        "URN:IETF:PARAMS:OAUTH:TOKEN-TYPE:JWT",
        "jwt",
        " "
      })
  void refuses_a_token_type_that_it_does_not_know(String type) {
    assertRefused(
        request().setSubjectTokenType(type), Code.UNAUTHENTICATED, "CREDENTIAL_TYPE_NOT_SUPPORTED");
  }

  @Test
  void refuses_a_credential_of_20_kib() {
    assertRefused(
        request().setSubjectToken("e".repeat(20 * 1024)),
        Code.UNAUTHENTICATED,
        "CREDENTIAL_TOO_LARGE");
  }

  @Test
  void cuts_a_lifetime_of_centuries_to_what_the_target_gives() {
    var token =
        client.exchange(request().setLifetime(seconds(315_576_000_000L, 0)).build()).granted();

    assertThat(token.getExpireTime().getSeconds())
        .isLessThanOrEqualTo(java.time.Instant.now().getEpochSecond() + 600);
  }

  @ParameterizedTest
  @ValueSource(ints = {300 * 1024, 1024 * 1024})
  void reads_no_message_beyond_256_kib(int bytes) {
    assertRefused(
        request().setSubjectToken("e".repeat(bytes)), Code.INVALID_ARGUMENT, "REQUEST_INVALID");
    client.exchange(request().build()).granted();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenbroker.v1.TokenBroker/IssueToken",
        "tokenbroker.v2.TokenBroker/ExchangeToken",
        "tokenbroker.v1.TokenBroker/exchangeToken"
      })
  void knows_no_other_method(String method) {
    assertThat(call(method, new byte[0]).code()).isEqualTo(Code.UNIMPLEMENTED);
  }

  static List<byte[]> garbage() {
    return List.of(A_LENGTH_BEYOND_THE_END, AN_INVALID_TAG, TEXT_THAT_IS_NO_UTF_8);
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void refuses_a_message_that_cannot_be_read(byte[] garbage) {
    for (var method :
        List.of(
            TokenBrokerGrpc.getExchangeTokenMethod(), TokenBrokerGrpc.getExplainExchangeMethod())) {
      Answer answer = call(method.getFullMethodName(), garbage);

      assertThat(answer.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(answer.reason()).isEqualTo("REQUEST_INVALID");
      assertThat(answer.pushback()).isEqualTo("-1");
    }
    client.exchange(request().build()).granted();
  }

  private Answer call(String method, byte[] message) {
    try {
      CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS);
      ClientCalls.blockingUnaryCall(client.channel(), RawMessages.of(method), options, message);
      throw new AssertionError(method + " was answered");
    } catch (StatusRuntimeException refused) {
      return BrokerClient.refused(refused);
    }
  }

  private void assertRefused(ExchangeTokenRequest.Builder request, Code code, String reason) {
    Answer answer = client.exchange(request.build());
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.reason()).isEqualTo(reason);
    assertThat(answer.pushback()).isEqualTo("-1");
  }

  private StatusRuntimeException refused(ExchangeTokenRequest request) {
    try {
      throw new AssertionError("granted " + client.stub().exchangeToken(request).getVerdictId());
    } catch (StatusRuntimeException refused) {
      return refused;
    }
  }

  private static List<String> violated(StatusRuntimeException refused) {
    for (Any detail : Objects.requireNonNull(StatusProto.fromThrowable(refused)).getDetailsList()) {
      if (detail.is(BadRequest.class)) {
        try {
          return detail.unpack(BadRequest.class).getFieldViolationsList().stream()
              .map(BadRequest.FieldViolation::getField)
              .toList();
        } catch (InvalidProtocolBufferException broken) {
          throw new AssertionError("the broker sent a broken BadRequest", broken);
        }
      }
    }
    return List.of();
  }

  private ExchangeTokenRequest.Builder request() {
    return ExchangeTokenRequest.newBuilder()
        .setAudience("payments-api")
        .setSubjectToken(issuer.credential());
  }

  private static Duration seconds(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }
}
