package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.EvaluationThreads;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that are taken back before they are answered, beside others on the same connection. */
@QuarkusTest
class ResetCallsStorm {

  private static final String EXCHANGE =
      TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName();
  private static final int CALLS = 20;

  @Inject Federations federations;
  @Inject EvaluationThreads threads;
  @Inject Vertx vertx;

  /**
   * NO_ERROR, as proxies do it, INTERNAL_ERROR, REFUSED_STREAM and CANCEL (RFC 9113 section 7).
   * Each comes from an address of its own: the audit log counts refusals of one address beyond a
   * rate.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 2, 7, 8})
  void leave_the_others_on_their_connection_alone(long code) {
    try (FakeIssuer stalling = FakeIssuer.start();
        FakeIssuer good = FakeIssuer.start();
        AuditLines audit = new AuditLines();
        RawCalls calls = new RawCalls(vertx, GrpcPort.uri(), "127.0.1." + (1 + code))) {
      stalling.answer(FakeIssuer.Answer.HANG);
      new TestFederation()
          .issuer("stalling", stalling.issuer())
          .issuer("good", good.issuer())
          .load(federations);
      assertThat(calls.whole(EXCHANGE, Map.of(), message(good)).code()).isEqualTo(Code.OK);

      for (int call = 0; call < CALLS; call++) {
        calls.reset(EXCHANGE, Map.of("grpc-timeout", "1S"), message(stalling), code);
      }
      Eventually.see(() -> audit.with("DEADLINE_EXCEEDED").size(), ended -> ended == CALLS);

      assertThat(audit.with("DEADLINE_EXCEEDED")).hasSize(CALLS);
      assertThat(calls.whole(EXCHANGE, Map.of(), message(good)).code()).isEqualTo(Code.OK);
      assertThat(calls.connections()).isEqualTo(1);
    }
  }

  @Test
  void end_in_a_record_where_their_connection_is_lost() {
    try (FakeIssuer stalling = FakeIssuer.start();
        AuditLines audit = new AuditLines()) {
      stalling.answer(FakeIssuer.Answer.HANG);
      new TestFederation().issuer("stalling", stalling.issuer()).load(federations);
      try (RawCalls calls = new RawCalls(vertx, GrpcPort.uri())) {
        calls.begin(EXCHANGE, Map.of("grpc-timeout", "2S"), message(stalling));
        assertThat(Eventually.see(() -> threads.status().underWay(), some -> some == 1)).isOne();
      }

      assertThat(Eventually.see(() -> audit.with("DEADLINE_EXCEEDED"), lines -> !lines.isEmpty()))
          .hasSize(1);
    }
  }

  private static Buffer message(FakeIssuer issuer) {
    return message("payments-api", issuer.credential());
  }

  private static Buffer message(String audience, String credential) {
    return RawCalls.frame(0, BrokerClient.exchangeOf(audience, credential).toByteArray());
  }
}
