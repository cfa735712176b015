package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.exchange.SharedEvaluations;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.runtime.Latch;
import dev.tokenbroker.token.FakeUpstream;
import dev.tokenbroker.upstream.FakeServer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Status.Code;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that are taken back before they are answered, beside others on the same connection. */
@QuarkusTest
class ResetCallTest {

  private static final String EXCHANGE =
      TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName();
  private static final int CALLS = 20;

  @Inject Federations federations;
  @Inject SharedEvaluations shared;
  @Inject Vertx vertx;
  @TestHTTPResource URI url;

  /** NO_ERROR, as proxies do it, INTERNAL_ERROR, REFUSED_STREAM and CANCEL (RFC 9113 section 7). */
  @ParameterizedTest
  @ValueSource(longs = {0, 2, 7, 8})
  void leave_the_others_on_their_connection_alone(long code) {
    try (FakeIssuer stalling = FakeIssuer.start();
        FakeIssuer good = FakeIssuer.start();
        AuditLines audit = new AuditLines();
        RawCalls calls = new RawCalls(vertx, url)) {
      stalling.answer(FakeIssuer.Answer.HANG);
      new TestFederation()
          .issuer("stalling", stalling.issuer())
          .issuer("good", good.issuer())
          .load(federations);
      assertThat(calls.whole(EXCHANGE, Map.of(), message(good)).code()).isEqualTo(Code.OK);

      for (int call = 0; call < CALLS; call++) {
        calls.reset(EXCHANGE, Map.of(), message(stalling), code);
      }
      Eventually.see(() -> audit.with("DEADLINE_EXCEEDED").size(), ended -> ended == CALLS);

      assertThat(audit.with("DEADLINE_EXCEEDED")).hasSize(CALLS);
      assertThat(audit.with("before the caller's deadline")).isEmpty();
      assertThat(calls.whole(EXCHANGE, Map.of(), message(good)).code()).isEqualTo(Code.OK);
      assertThat(calls.connections()).isEqualTo(1);
    }
  }

  @Test
  void end_at_once_where_their_connection_is_lost_and_use_no_credential_up() throws Exception {
    Latch asked = new Latch(1);
    Latch answered = new Latch(1);
    try (FakeIssuer issuer = FakeIssuer.start();
        FakeUpstream slow = FakeUpstream.start(_ -> tokenAfter(asked, answered));
        AuditLines audit = new AuditLines()) {
      new TestFederation()
          .onceOnly("once", issuer.issuer())
          .upstream("slow", slow.uri("").toString(), "once")
          .load(federations);
      Buffer message = message("slow", issuer.credential());
      try (RawCalls calls = new RawCalls(vertx, url)) {
        HttpClientRequest _ = calls.begin(EXCHANGE, Map.of(), message);
        asked.await();
      }

      assertThat(Eventually.see(() -> audit.with("went away"), lines -> !lines.isEmpty()))
          .hasSize(1);
      answered.countDown();
      assertThat(Eventually.see(shared.flights()::underWay, flights -> flights == 0)).isZero();
      try (RawCalls calls = new RawCalls(vertx, url)) {
        assertThat(calls.whole(EXCHANGE, Map.of(), message).code()).isEqualTo(Code.OK);
      }
    }
  }

  /**
   * A token that nobody takes would use it up, and the next call would be refused for that. The
   * gRPC server is not told of a reset by NO_ERROR.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 8})
  void do_not_use_a_credential_up_that_may_be_exchanged_once(long code) throws Exception {
    Latch asked = new Latch(1);
    Latch answered = new Latch(1);
    try (FakeIssuer issuer = FakeIssuer.start();
        FakeUpstream slow = FakeUpstream.start(_ -> tokenAfter(asked, answered));
        AuditLines audit = new AuditLines();
        RawCalls calls = new RawCalls(vertx, url)) {
      new TestFederation()
          .onceOnly("once", issuer.issuer())
          .upstream("slow", slow.uri("").toString(), "once")
          .load(federations);
      Buffer message = message("slow", issuer.credential());

      HttpClientRequest call = calls.begin(EXCHANGE, Map.of(), message);
      asked.await();
      assertThat(call.reset(code)).isTrue();
      // Another comes over the same connection: when it is answered, the reset has been read.
      String another = issuer.credential(claims -> claims.put("jti", "another"));
      assertThat(calls.whole(EXCHANGE, Map.of(), message("payments-api", another)).code())
          .isEqualTo(Code.OK);
      assertThat(Eventually.see(() -> audit.with("went away"), lines -> !lines.isEmpty()))
          .hasSize(1);
      answered.countDown();

      assertThat(Eventually.see(shared.flights()::underWay, flights -> flights == 0)).isZero();
      assertThat(calls.whole(EXCHANGE, Map.of(), message).code()).isEqualTo(Code.OK);
      assertThat(calls.connections()).isEqualTo(1);
    }
  }

  private static FakeServer.Reply tokenAfter(Latch asked, Latch answered) {
    asked.countDown();
    answered.await();
    return FakeUpstream.token();
  }

  private static Buffer message(FakeIssuer issuer) {
    return message("payments-api", issuer.credential());
  }

  private static Buffer message(String audience, String credential) {
    return RawCalls.frame(
        0,
        ExchangeTokenRequest.newBuilder()
            .setAudience(audience)
            .setSubjectToken(credential)
            .build()
            .toByteArray());
  }
}
