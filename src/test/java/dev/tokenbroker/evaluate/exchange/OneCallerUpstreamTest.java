package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.admission.UpstreamTurns;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one caller may cause at an upstream, whatever it varies. */
class OneCallerUpstreamTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(8);
  private static final String CREDENTIAL = ISSUER.credential("acme/payments");
  private static final String ENDPOINT = "https://broker.example/token";

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();

  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> FakeUpstream.token());

  private final Upstreams upstreams =
      TestUpstreams.of(
          PeerClients.loopback(vertx, Duration.ofSeconds(10)),
          TestUpstreams.oneAttempt(Duration.ofSeconds(10)),
          clock);

  @Test
  void is_one_request_for_fresh_keys_lifetimes_and_orders() {
    TokenExchange exchange = exchange(0);
    for (int at = 0; at < 30; at++) {
      TestKey fresh = TestKey.fast("fresh-" + at);
      granted(
          exchange,
          request(
              "payments-api",
              CREDENTIAL,
              TestProof.of(fresh, "POST", ENDPOINT, clock.instant()).presented()));
      granted(exchange, lasting(Duration.ofSeconds(60, at), "deploy", "read"));
      granted(exchange, lasting(Duration.ofSeconds(60 + at), "read", "deploy", "read"));
    }
    assertThat(upstream.asked()).as("without and with scopes").hasSize(2);
  }

  @Test
  void is_shown_to_each_caller_for_the_lifetime_it_asked_for() {
    TokenExchange exchange = exchange(0);
    Duration whole = Duration.ofMinutes(5);
    for (Duration wanted : List.of(Duration.ofMinutes(1), whole, Duration.ofSeconds(90))) {
      assertThat(life(exchange, wanted)).isEqualTo(wanted);
    }
    assertThat(life(exchange, Duration.ofDays(10_000))).isEqualTo(whole);
    assertThat(upstream.asked()).hasSize(1);

    Instant begun = clock.instant();
    IssuedToken late = Endings.token(granted(exchange, lasting(whole)));
    assertThat(late.within(begun, Duration.ofSeconds(2), begun.plusMillis(4_200)).expireTime())
        .as("which is over when the token comes")
        .isEqualTo(begun.plusSeconds(5));
  }

  @Test
  void comes_at_the_rate_of_its_identity() {
    TokenExchange exchange = exchange(100);
    long begun = System.nanoTime();
    for (int at = 0; at < 20; at++) {
      String credential =
          ISSUER.credential("acme/payments", TestClock.START.getEpochSecond() + 500 + at);
      granted(exchange, request("payments-api", credential));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(90));
    assertThat(upstream.asked()).hasSize(20);
  }

  private Duration life(TokenExchange exchange, Duration wanted) {
    return Duration.between(
        clock.instant(), Endings.token(granted(exchange, lasting(wanted))).expireTime());
  }

  private static ExchangeRequest lasting(Duration lifetime, String... scopes) {
    return request("payments-api", CREDENTIAL, List.of(scopes), lifetime);
  }

  private static Exchanged granted(TokenExchange exchange, ExchangeRequest request) {
    Exchanged ended = TestExchange.exchange(exchange, request);
    assertThat(ended.verdict().reason()).isNull();
    return ended;
  }

  private TokenExchange exchange(int rate) {
    String document =
        SeededIssuer.exchanging(
            ISSUER.federation(), upstream.uri("/token"), "clientAuthentication: none, clientId: b");
    Federation federation = TestExchange.federation(directory, document, upstreams::of, clock);
    return TestExchange.by(federation, clock, List.of())
        .dpop(TestDpopSettings.defaults().withBases(List.of("https://broker.example")))
        .turns(
            new UpstreamTurns(
                TestAdmissionSettings.defaults().withPerIdentityRate(rate).withPerIssuerRate(0),
                TestClocks.of(clock)))
        .build();
  }
}
