package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a held token when its successor is asked for at an upstream, over sockets. */
class RefreshAtUpstreamTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(8);
  private static final String CREDENTIAL = ISSUER.credential("acme/payments");
  private static final Duration LIFE = Duration.ofMinutes(5);

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private volatile Reply reply = token("first", LIFE);
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> reply);
  private final Upstreams upstreams =
      TestUpstreams.of(
          PeerClients.loopback(vertx, Duration.ofSeconds(10)),
          TestUpstreams.oneAttempt(Duration.ofSeconds(10)),
          clock);

  /** RFC 7523 section 3: an upstream may take an assertion once only. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "grant: jwt-bearer, clientAuthentication: none, clientId: broker",
        "grant: token-exchange, clientAuthentication: federated"
      })
  void does_not_present_an_assertion_again_while_its_token_is_held(String declared) {
    TokenExchange exchange = exchange(declared);
    assertThat(value(ask(exchange))).isEqualTo("first");
    reply = error(400, "invalid_grant");
    passTheRefresh();

    assertThat(value(ask(exchange))).isEqualTo("first");
    assertThat(value(ask(exchange))).isEqualTo("first");

    assertThat(upstream.asked()).hasSize(1);
    assertThat(intents()).containsOnly(Intent.EXCHANGE);
  }

  /** A JWT that the broker mints for each attempt is no assertion that was used before. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "clientAuthentication: none, clientId: broker",
        "grant: jwt-bearer, clientAuthentication: none, present: minted",
        "grant: client-credentials, clientAuthentication: federated, present: minted"
      })
  void replaces_a_token_by_its_successor(String declared) {
    TokenExchange exchange = exchange(declared);
    ask(exchange);
    reply = token("second", LIFE);
    passTheRefresh();

    assertThat(value(ask(exchange))).isEqualTo("first");
    assertThat(value(ask(exchange))).isEqualTo("second");
  }

  @ParameterizedTest
  @MethodSource("trouble")
  void keeps_a_token_through_trouble_in_having_its_successor(Reply trouble, RefusalReason reason) {
    TokenExchange exchange = exchange("clientAuthentication: none, clientId: broker");
    ask(exchange);
    reply = trouble;
    passTheRefresh();

    assertThat(value(ask(exchange))).isEqualTo("first");
    assertThat(value(ask(exchange))).isEqualTo("first");

    assertThat(upstream.asked()).hasSize(2);
    assertThat(records)
        .filteredOn(record -> record.verdict().intent() == Intent.REFRESH)
        .singleElement()
        .satisfies(refresh -> assertThat(refresh.verdict().reason()).isEqualTo(reason));
  }

  static List<Arguments> trouble() {
    return List.of(
        argumentSet("busy", FakeUpstream.json(503, ""), RefusalReason.UPSTREAM_UNAVAILABLE),
        argumentSet("throttled", FakeUpstream.json(429, ""), RefusalReason.UPSTREAM_THROTTLED),
        argumentSet(
            "redeployed",
            Reply.of(404, Map.of("Content-Type", "text/html"), "<p>no such application"),
            RefusalReason.UPSTREAM_ANSWER_MALFORMED),
        argumentSet(
            "behind a login",
            Reply.of(302, Map.of("Location", "/login"), ""),
            RefusalReason.UPSTREAM_ANSWER_MALFORMED),
        argumentSet("impatient", FakeUpstream.json(408, ""), RefusalReason.UPSTREAM_UNAVAILABLE),
        argumentSet("gone away", Reply.drop(), RefusalReason.UPSTREAM_UNREACHABLE),
        argumentSet(
            "another type of token",
            FakeUpstream.json(
                200, "{\"access_token\":\"x\",\"token_type\":\"MAC\",\"expires_in\":300}"),
            RefusalReason.UPSTREAM_TOKEN_UNUSABLE),
        argumentSet(
            "a token that outlives the credential",
            token("longer", Duration.ofHours(1)),
            RefusalReason.UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL));
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_grant, UPSTREAM_CREDENTIAL_REFUSED, token-exchange, credential",
    "401, invalid_client, UPSTREAM_CLIENT_REFUSED, token-exchange, credential",
    "403, access_denied, UPSTREAM_NOT_PERMITTED, token-exchange, credential",
    "400, invalid_target, UPSTREAM_REQUEST_REFUSED, token-exchange, credential",
    "400, invalid_grant, UPSTREAM_ASSERTION_REFUSED, jwt-bearer, minted"
  })
  void drops_a_token_whose_successor_the_upstream_refuses(
      int status, String error, RefusalReason reason, String grant, String present) {
    TokenExchange exchange =
        exchange(
            "grant: %s, clientAuthentication: none, clientId: broker, present: %s"
                .formatted(grant, present));
    ask(exchange);
    reply = error(status, error);
    passTheRefresh();

    assertThat(value(ask(exchange))).isEqualTo("first");
    assertThat(ask(exchange).verdict().reason()).isEqualTo(reason);
  }

  /** To just before the token is served no longer: the refresh is due by then, whenever drawn. */
  private void passTheRefresh() {
    clock.advance(LIFE.multipliedBy(4).dividedBy(5).minusMillis(1));
  }

  private TokenExchange exchange(String declared) {
    String document =
        SeededIssuer.exchanging(ISSUER.federation(), upstream.uri("/token"), declared);
    Federation federation = TestExchange.federation(directory, document, upstreams::of, clock);
    return TestExchange.by(federation, clock, List.of(records::add)).build();
  }

  private static Exchanged ask(TokenExchange exchange) {
    return TestExchange.exchange(exchange, request("payments-api", CREDENTIAL));
  }

  private List<Intent> intents() {
    return records.stream().map(record -> record.verdict().intent()).toList();
  }

  private static String value(Exchanged ended) {
    return Endings.token(ended).value();
  }

  private static Reply token(String value, Duration life) {
    return FakeUpstream.json(
        200,
        "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d}"
            .formatted(value, life.toSeconds()));
  }

  private static Reply error(int status, String code) {
    return FakeUpstream.json(status, "{\"error\":\"%s\"}".formatted(code));
  }
}
