package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two replicas with one store and one upstream, which is asked over sockets. */
class SharedTokensTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(24);
  private static final String CREDENTIAL = ISSUER.credential("acme/payments");
  private static final Duration LIFE = Duration.ofMinutes(5);

  /** A fifth of it is kept back. */
  private static final Duration SERVED = LIFE.multipliedBy(4).dividedBy(5);

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  private final TestStore store = new TestStore();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger asked = new AtomicInteger();
  private volatile boolean withdrawn;
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> answer());
  private final Upstreams upstreams =
      TestUpstreams.of(
          PeerClients.loopback(vertx, Duration.ofSeconds(10)),
          TestUpstreams.oneAttempt(Duration.ofSeconds(10)),
          clock);
  private final SharedTokens sharedAtOne = shared(_ -> false);
  private final SharedTokens sharedAtTwo = shared(_ -> false);

  @Test
  void serves_the_token_of_another_replica_after_all_its_own_steps() {
    Exchanged first = ask(replica(sharedAtOne));

    Exchanged second = ask(replica(sharedAtTwo));

    assertThat(value(second)).isEqualTo("token-1").isEqualTo(value(first));
    assertThat(Endings.token(second)).isEqualTo(Endings.token(first));
    assertThat(asked).hasValue(1);
    assertThat(Endings.passed(second.verdict()))
        .isEqualTo(Endings.passed(first.verdict()))
        .contains(Step.SIGNATURE, Step.RULE, Step.UPSTREAM)
        .doesNotContain(Step.CACHE);
    assertThat(second.verdict().steps())
        .anySatisfy(
            step -> {
              assertThat(step.step()).isEqualTo(Step.UPSTREAM);
              assertThat(step.seen()).endsWith(", from another replica");
            });
    assertThat(records.getLast().verdict().notes())
        .contains("Another replica got the token, in evaluation " + first.verdict().id() + ".");
    assertThat(sharedAtOne.status()).isEqualTo(new SharedTokens.Status(0, 1, 0));
    assertThat(sharedAtTwo.status()).isEqualTo(new SharedTokens.Status(1, 0, 0));
  }

  @Test
  void a_replica_holds_what_it_took_and_does_not_share_it_again() {
    ask(replica(sharedAtOne));
    TokenExchange two = replica(sharedAtTwo);
    ask(two);

    Exchanged hit = ask(two);

    assertThat(Endings.passed(hit.verdict())).contains(Step.CACHE);
    assertThat(store.reads()).isEqualTo(2);
    assertThat(store.puts()).isEqualTo(1);
  }

  @Test
  void the_store_reveals_no_token_no_credential_and_no_subject() {
    ask(replica(sharedAtOne));

    assertThat(store.values()).hasSize(1);
    for (byte[] value : store.values()) {
      String dump = new String(value, ISO_8859_1);
      assertThat(dump)
          .doesNotContain("token-1", "acme", "payments", "read-orders", "revision", "kid");
      for (String part : CREDENTIAL.split("\\.", -1)) {
        assertThat(dump).doesNotContain(part.substring(0, 12));
      }
    }
  }

  @Test
  void while_the_store_is_away_each_replica_asks_the_upstream() {
    store.away(true);
    assertThat(value(ask(replica(sharedAtOne)))).isEqualTo("token-1");

    assertThat(value(ask(replica(sharedAtTwo)))).isEqualTo("token-2");

    store.away(false);
    assertThat(value(ask(replica(shared(_ -> false))))).isEqualTo("token-3");
    assertThat(sharedAtTwo.status().misses()).isEqualTo(1);
  }

  @Test
  void minting_and_explaining_do_not_call_the_store() {
    Federation minting = federation(ISSUER.federation());
    Exchanged minted = ask(replica(sharedAtOne, minting));
    assertThat(Endings.passed(minted.verdict())).contains(Step.MINT);

    assertThat(replica(sharedAtOne).explain(request(CREDENTIAL), null, enough()).verdict())
        .satisfies(verdict -> assertThat(verdict.accepted()).isTrue());

    assertThat(store.reads()).isZero();
    assertThat(store.puts()).isZero();
  }

  @Test
  void tokens_of_once_only_credentials_are_not_shared() {
    Federation once = federation(exchanging(ISSUER.federation("once: true")));
    ask(replica(sharedAtOne, once));

    assertThat(store.reads()).isZero();
    assertThat(store.puts()).isZero();
  }

  @Test
  void a_replica_that_does_not_share_neither_reads_nor_writes() {
    SharedTokens none = new SharedTokens(false, store, _ -> false, clock);
    ask(replica(none));

    assertThat(store.reads() + store.puts()).isZero();
    assertThat(none.status()).isEqualTo(new SharedTokens.Status(0, 0, 0));
  }

  @Test
  void another_credential_finds_nothing() {
    ask(replica(sharedAtOne));
    String other = ISSUER.credential("acme/payments", TestClock.START.getEpochSecond() + 541);

    assertThat(value(ask(replica(sharedAtTwo), other))).isEqualTo("token-2");
  }

  @Test
  void a_token_is_taken_for_as_long_as_the_cache_hands_it_out() {
    ask(replica(sharedAtOne));
    clock.advance(SERVED.minusMillis(1));
    assertThat(value(ask(replica(sharedAtTwo)))).isEqualTo("token-1");

    clock.advance(Duration.ofMillis(1));
    assertThat(value(ask(replica(shared(_ -> false))))).isEqualTo("token-2");
  }

  @Test
  void a_revoked_token_is_not_taken() {
    String id = Endings.token(ask(replica(sharedAtOne))).id();
    SharedTokens knowing = shared(id.replace("sha256:", "sha256-")::equals);

    assertThat(value(ask(replica(knowing)))).isEqualTo("token-2");
    assertThat(knowing.status().rejected()).isEqualTo(1);
  }

  /** Each row of what another replica may have found differently, and each fault of the form. */
  @ParameterizedTest
  @MethodSource("deviations")
  void a_token_that_differs_is_rejected(UnaryOperator<String> change) {
    store.sealing(content -> change.apply(new String(content, UTF_8)).getBytes(UTF_8));
    ask(replica(sharedAtOne));

    assertThat(value(ask(replica(sharedAtTwo)))).isEqualTo("token-2");

    assertThat(sharedAtTwo.status()).isEqualTo(new SharedTokens.Status(0, 0, 1));
    assertThat(records.getLast().verdict().notes())
        .anyMatch(note -> note.startsWith("A token of another replica was not taken"));
  }

  static List<Arguments> deviations() {
    return List.of(
        argumentSet("another revision", text("revision", "0")),
        argumentSet("another key of the issuer", text("issuer_key", "another")),
        argumentSet("no key of the issuer", text("issuer_key", "")),
        argumentSet("another end of the credential", number("credential_end", 1)),
        argumentSet("another binding", with("\"held\":[]", "\"held\":[\"the DPoP key x\"]")),
        argumentSet("another rule", text("rule", "closed")),
        argumentSet("other scopes granted", text("granted", "admin")),
        argumentSet("another id", text("jti", "sha256:0")),
        argumentSet("another token", text("value", "forged")),
        argumentSet("a token of the future", number("issued", 4_000_000_000L)),
        argumentSet("a token that has ended", number("expires", 1)),
        argumentSet(
            "a token that outlives the credential",
            number("expires", TestClock.START.getEpochSecond() + 541)),
        argumentSet("a time before all", number("issued", -1)),
        argumentSet("a time after all", number("expires", Long.MAX_VALUE)),
        argumentSet("another type", text("token_type", "MAC")),
        argumentSet("a number for a text", with("\"verdict\":\"", "\"verdict\":1,\"v\":\"")),
        argumentSet("an unknown member", with("{\"", "{\"more\":1,\"")),
        argumentSet("a member twice", with("{\"", "{\"rule\":\"x\",\"")),
        argumentSet("a missing member", with("\"verdict\"", "\"verdicts\"")),
        argumentSet("null", with("\"held\":[]", "\"held\":null")),
        argumentSet("numbers for keys", with("\"held\":[]", "\"held\":[1]")),
        argumentSet("more after it", with("}", "}}")),
        argumentSet("nothing", (UnaryOperator<String>) _ -> ""),
        argumentSet("an array", (UnaryOperator<String>) _ -> "[]"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void a_changed_value_is_as_good_as_none(UnaryOperator<byte[]> damage) {
    ask(replica(sharedAtOne));
    store.tamper(damage);

    assertThat(value(ask(replica(sharedAtTwo)))).isEqualTo("token-2");
    assertThat(sharedAtTwo.status().misses()).isEqualTo(1);
  }

  static List<Arguments> damages() {
    return List.of(
        argumentSet("a bit", bytes(value -> value[value.length / 2] ^= 1)),
        argumentSet("the nonce", bytes(value -> value[0] ^= 1)),
        argumentSet("the tag", bytes(value -> value[value.length - 1] ^= 1)),
        argumentSet("cut", (UnaryOperator<byte[]>) value -> Arrays.copyOf(value, 40)),
        argumentSet("empty", (UnaryOperator<byte[]>) _ -> new byte[0]));
  }

  @Test
  void the_value_of_another_request_is_as_good_as_none() {
    String other = ISSUER.credential("acme/payments", TestClock.START.getEpochSecond() + 541);
    ask(replica(sharedAtOne), other);
    byte[] foreign = store.values().getFirst();
    ask(replica(sharedAtOne));
    store.tamper(_ -> foreign);

    assertThat(value(ask(replica(sharedAtTwo)))).isEqualTo("token-3");
  }

  /** The one that is due later takes what the first one got. */
  @Test
  void a_refresh_takes_the_successor_that_another_replica_got() {
    TokenExchange one = replica(sharedAtOne);
    TokenExchange two = replica(sharedAtTwo);
    ask(one);
    ask(two);
    clock.advance(SERVED.minusMillis(1));
    assertThat(value(ask(one))).isEqualTo("token-1");
    assertThat(asked).hasValue(2);

    assertThat(value(ask(two))).isEqualTo("token-1");

    assertThat(value(ask(one))).isEqualTo("token-2");
    assertThat(value(ask(two))).isEqualTo("token-2");
    assertThat(asked).hasValue(2);
  }

  @Test
  void what_an_upstream_withdraws_is_not_taken_any_more() {
    TokenExchange one = replica(sharedAtOne);
    ask(one);
    clock.advance(SERVED.minusMillis(1));
    withdrawn = true;
    assertThat(value(ask(one))).isEqualTo("token-1");

    assertThat(store.values()).isEmpty();
    assertThat(ask(replica(sharedAtTwo)).verdict().reason())
        .isEqualTo(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED);
  }

  private Reply answer() {
    return withdrawn
        ? FakeUpstream.json(400, "{\"error\":\"invalid_grant\"}")
        : FakeUpstream.json(
            200,
            "{\"access_token\":\"token-%d\",\"token_type\":\"Bearer\",\"expires_in\":%d}"
                .formatted(asked.incrementAndGet(), LIFE.toSeconds()));
  }

  private SharedTokens shared(Predicate<String> revoked) {
    return new SharedTokens(true, store, revoked, clock);
  }

  private TokenExchange replica(SharedTokens shared) {
    return replica(shared, federation(exchanging(ISSUER.federation())));
  }

  private TokenExchange replica(SharedTokens shared, Federation federation) {
    return TestExchange.by(federation, clock, List.of(records::add)).shared(shared).build();
  }

  private Federation federation(String document) {
    return TestExchange.federation(directory, document, upstreams::of, clock);
  }

  private String exchanging(String document) {
    return SeededIssuer.exchanging(
        document, upstream.uri("/token"), "clientAuthentication: none, clientId: broker");
  }

  private static Exchanged ask(TokenExchange exchange) {
    return ask(exchange, CREDENTIAL);
  }

  private static Exchanged ask(TokenExchange exchange, String credential) {
    return TestExchange.exchange(exchange, request(credential));
  }

  private static ExchangeRequest request(String credential) {
    return TestExchange.request("payments-api", credential);
  }

  private static String value(Exchanged ended) {
    return Endings.token(ended).value();
  }

  private static UnaryOperator<String> text(String name, String value) {
    return json ->
        changed(json, json.replaceAll("\"" + name + "\":\"[^\"]*\"", q(name) + ":" + q(value)));
  }

  private static UnaryOperator<String> number(String name, long value) {
    return json -> changed(json, json.replaceAll("\"" + name + "\":\\d+", q(name) + ":" + value));
  }

  private static UnaryOperator<String> with(String part, String other) {
    return json -> changed(json, json.replace(part, other));
  }

  private static String q(String text) {
    return '"' + text + '"';
  }

  private static String changed(String json, String other) {
    assertThat(other).isNotEqualTo(json);
    return other;
  }

  /** A change of a copy in its place. */
  private static UnaryOperator<byte[]> bytes(Consumer<byte[]> change) {
    return value -> {
      byte[] copy = value.clone();
      change.accept(copy);
      return copy;
    };
  }
}
