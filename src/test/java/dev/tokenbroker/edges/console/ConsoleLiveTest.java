package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.GrpcPort;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.guard.RawConnection;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.operate.changes.Timeline;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page and its data, as a browser gets them. */
@QuarkusTest
class ConsoleLiveTest {

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  /** More than there may be. */
  private static final int MAX_STREAMS = 70;

  @Inject Federations federations;
  @Inject Timeline timeline;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  @AutoClose
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AutoClose private BrokerClient client;
  private String operator;

  @BeforeEach
  void start() {
    new TestFederation()
        .issuer("good", issuer.issuer())
        .rule("operators", "good", "token-broker", "claims.sub != ''", "operate, introspect")
        .load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
    operator = token("operate");
  }

  private String token(String scope) {
    return client.brokerToken(fresh(), scope);
  }

  private String fresh() {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  private Answer refused() {
    return client.exchange(
        BrokerClient.exchangeOf(issuer.credential(claims -> claims.put("repository", "acme/x"))));
  }

  private LiveClient open() {
    return LiveClient.open(http, url, operator);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/console/", "/console/index.html"})
  void the_page_is_public_and_a_browser_may_load_nothing_else(String path) {
    HttpResponse<String> page = get(path);

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(page.body()).contains("<title>Token Broker");
    assertThatHeadersAreStrict(page);
  }

  @Test
  void the_page_is_not_served_in_clear_to_other_machines() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send("GET /console/ HTTP/1.1\r\nConnection: close\r\nHost: a.example\r\n\r\n");
      assertThat(connection.statuses()).containsExactly(403);
    }
  }

  @Test
  void the_address_of_the_page_ends_in_a_slash() {
    HttpResponse<String> moved = get("/console");

    assertThat(moved.statusCode()).isEqualTo(308);
    assertThat(moved.headers().firstValue("location")).contains("console/");
    assertThatHeadersAreStrict(moved);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/console/files.txt", "/console/x.js", "/console/PageFile.class"})
  void serves_no_file_that_is_not_of_the_page(String path) {
    HttpResponse<String> none = get(path);

    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body()).isEmpty();
    assertThatHeadersAreStrict(none);
  }

  private static void assertThatHeadersAreStrict(HttpResponse<String> page) {
    Map.of(
            "content-security-policy", POLICY,
            "x-content-type-options", "nosniff",
            "referrer-policy", "no-referrer",
            "cross-origin-opener-policy", "same-origin",
            "cross-origin-resource-policy", "same-origin",
            "cache-control", "no-cache")
        .forEach(
            (name, value) ->
                assertThat(page.headers().allValues(name)).as(name).containsExactly(value));
  }

  @Test
  void a_stream_starts_with_limits_past_changes_and_state() {
    try (LiveClient live = open()) {
      assertThat(live.answer().statusCode()).isEqualTo(200);
      assertThat(live.answer().headers().firstValue("cache-control")).contains("no-store");
      assertThat(live.answer().headers().firstValue("content-type").orElseThrow())
          .startsWith("application/x-ndjson");

      JsonObject hello = live.next();
      assertThat(hello.fieldNames())
          .containsExactly(
              "event", "time", "broker", "sampled_per_second", "streams", "max_seconds", "faults");
      assertThat(hello.getString("event")).isEqualTo("hello");
      assertThat(hello.getInteger("sampled_per_second")).isEqualTo(10);
      assertThat(hello.getInteger("streams")).isEqualTo(64);
      assertThat(hello.getInteger("max_seconds")).isEqualTo(600);
      List<String> kinds = new ArrayList<>();
      JsonObject line = live.next();
      while (line.getString("event").equals("change")) {
        assertThat(line.getBoolean("warning")).isNotNull();
        kinds.add(line.getString("kind"));
        line = live.next();
      }
      assertThat(kinds).contains("broker-started", "federation-loaded");
      assertThat(line.getString("event")).isIn("state", "exchange");
    }
  }

  @Test
  void a_stream_shows_each_exchange_and_how_it_ended() {
    try (LiveClient live = open()) {
      live.next("state");
      client.exchange(BrokerClient.exchangeOf(fresh())).granted();
      String verdict = refused().facts().get("verdict_id");

      JsonObject accepted = live.next("exchange", line -> "payments-api".equals(target(line)));
      assertThat(accepted.getString("outcome")).isEqualTo("accepted");
      assertThat(accepted.getString("edge")).isEqualTo("grpc");
      assertThat(accepted.getString("intent")).isEqualTo("exchange");
      assertThat(accepted.getString("issuer")).isEqualTo("good");
      assertThat(accepted.getString("rule")).isEqualTo("good-pays");
      assertThat(accepted.getBoolean("cached")).isFalse();
      assertThat(accepted.getLong("micros")).isPositive();
      JsonObject refused = live.next("exchange");
      assertThat(refused.getString("outcome")).isEqualTo("refused");
      assertThat(refused.getString("reason")).isEqualTo("NO_RULE_MATCHED");
      assertThat(refused.getString("verdict_id")).isEqualTo(verdict);
      assertThat(refused.fieldNames()).doesNotContain("subject", "claims", "token");
    }
  }

  private static String target(JsonObject exchange) {
    return exchange.getString("target");
  }

  @Test
  void each_second_counts_all_exchanges_and_those_left_out() {
    try (LiveClient live = open()) {
      live.next("second");
      int calls = 60;
      for (int call = 0; call < calls; call++) {
        refused();
      }
      int counted = 0;
      int shown = 0;
      int leftOut = 0;
      while (counted < calls) {
        JsonObject line = live.next();
        switch (line.getString("event")) {
          case "exchange" -> shown++;
          case "second" -> {
            counted += line.getInteger("accepted") + line.getInteger("refused");
            leftOut += line.getInteger("left_out");
            assertThat(line.getInteger("missed")).isZero();
            assertThatSecondIsOfRefusals(line);
          }
          default -> assertThat(line.getString("event")).isIn("state", "change");
        }
      }
      assertThat(counted).isEqualTo(calls);
      assertThat(shown + leftOut).isEqualTo(calls);
    }
  }

  private static void assertThatSecondIsOfRefusals(JsonObject second) {
    int refused = second.getInteger("refused");
    if (refused > 0) {
      assertThat(second.getDouble("mean_micros")).isPositive();
      assertThat(LiveClient.objects(second, "reasons"))
          .singleElement()
          .satisfies(
              reason -> {
                assertThat(reason.getString("reason")).isEqualTo("NO_RULE_MATCHED");
                assertThat(reason.getString("issuer")).isEqualTo("good");
                assertThat(reason.getInteger("count")).isEqualTo(refused);
              });
      assertThat(LiveClient.objects(second, "steps"))
          .extracting(step -> step.getString("step"))
          .contains("signature", "rule")
          .doesNotContain("mint");
    }
  }

  @Test
  void the_state_names_the_federation_peers_and_rule_use() {
    client.exchange(BrokerClient.exchangeOf(fresh())).granted();
    refused();
    try (LiveClient live = open()) {
      JsonObject state = live.next("state");

      assertThat(state.getString("revision"))
          .isEqualTo(federations.current().orElseThrow().revision());
      assertThat(Instant.parse(state.getString("loaded_time"))).isBefore(Instant.now());
      assertThat(LiveClient.objects(state, "issuers"))
          .singleElement()
          .satisfies(
              good -> {
                assertThat(good.getString("name")).isEqualTo("good");
                assertThat(good.getString("issuer")).isEqualTo(issuer.issuer());
                assertThat(good.getString("freshness")).isEqualTo("fresh");
                assertThat(good.getJsonArray("keys")).containsExactly(issuer.kid());
                assertThat(good.getInteger("key_count")).isEqualTo(1);
                assertThat(good.getInteger("fetches")).isPositive();
                assertThat(good.getDouble("clock_offset_seconds")).isBetween(-5.0, 5.0);
              });
      assertThat(LiveClient.objects(state, "rules"))
          .filteredOn(rule -> rule.getString("name").equals("good-pays"))
          .singleElement()
          .satisfies(
              rule -> {
                assertThat(rule.getInteger("hits")).isPositive();
                assertThat(Instant.parse(rule.getString("last_use_time")))
                    .isBeforeOrEqualTo(Instant.now());
              });
      JsonObject refusals = state.getJsonObject("refusals");
      assertThat(refusals.getJsonArray("counts")).hasSize(180);
      assertThat(refusals.getInteger("bucket_seconds")).isEqualTo(5);
      assertThat(Instant.parse(refusals.getString("end_time")))
          .isAfter(Instant.parse(state.getString("time")));
    }
  }

  @Test
  void an_outage_has_one_count_in_the_state_and_in_the_verdict() {
    refused();
    String id = refused().facts().get("verdict_id");

    JsonObject verdict = new JsonObject(operatorGet("/verdicts/" + id).body());
    try (LiveClient live = open()) {
      JsonObject outage =
          LiveClient.objects(live.next("state"), "outages").stream()
              .filter(each -> "NO_RULE_MATCHED".equals(each.getString("reason")))
              .findFirst()
              .orElseThrow();

      assertThat(outage.getString("name")).isEqualTo("good");
      assertThat(outage.getInteger("count")).isGreaterThanOrEqualTo(2);
      assertThat(outage.getInteger("subjects")).isPositive();
      assertThat(outage.getString("remedy")).isEqualTo(verdict.getString("remedy"));
      assertThat(verdict.getJsonObject("outage").getInteger("count"))
          .isEqualTo(outage.getInteger("count"));
    }
  }

  @Test
  void the_last_refused_exchanges_are_listed_to_operators_only() {
    assertThat(get("/verdicts").statusCode()).isEqualTo(401);
    String id = refused().facts().get("verdict_id");

    assertThat(ids("/verdicts")).contains(id);
    assertThat(ids("/verdicts?issuer=good&target=payments-api&reason=NO_RULE_MATCHED"))
        .contains(id);
    assertThat(ids("/verdicts?reason=KEY_UNKNOWN&issuer=good")).doesNotContain(id);
    assertThat(ids("/verdicts?rule=good-pays")).doesNotContain(id);
    assertThat(operatorGet("/verdicts").body()).doesNotContain("acme/x", "subject", "claims");
  }

  private List<String> ids(String path) {
    return LiveClient.objects(new JsonObject(operatorGet(path).body()), "refused").stream()
        .map(each -> each.getString("verdict_id"))
        .toList();
  }

  private HttpResponse<String> operatorGet(String path) {
    return Http.get(url.resolve(path), "Authorization", "Bearer " + operator);
  }

  @Test
  void a_stream_shows_a_change_soon_after_it_happened() {
    try (LiveClient live = open()) {
      live.next("state");
      new TestFederation().issuer("moved", issuer.issuer() + "/moved").load(federations);
      String revision = federations.current().orElseThrow().revision();

      JsonObject loaded =
          live.next("change", line -> line.getString("is", "").endsWith(revision.substring(0, 12)));
      assertThat(loaded.getString("kind")).isEqualTo("federation-loaded");
      assertThat(loaded.getBoolean("warning")).isFalse();
      live.next("state", state -> revision.equals(state.getString("revision")));
    }
  }

  @Test
  void explains_a_credential_with_all_that_an_operator_may_see() {
    HttpResponse<String> answer =
        explain(operator, "audience=payments-api&subject_token=" + fresh());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
    JsonObject verdict = new JsonObject(answer.body());
    assertThat(verdict.getString("intent")).isEqualTo("explain");
    assertThat(verdict.getString("outcome")).isEqualTo("accepted");
    assertThat(verdict.getString("rule")).isEqualTo("good-pays");
    assertThat(LiveClient.objects(verdict, "steps"))
        .filteredOn(step -> step.getString("name").equals("issuer"))
        .singleElement()
        .satisfies(step -> assertThat(step.getString("expected")).isNotEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "audience=payments-api",
        "subject_token=x",
        "audience=a&audience=b&subject_token=x",
        "audience=%zz&subject_token=x",
      })
  void explains_no_malformed_form(String form) {
    HttpResponse<String> answer = explain(operator, form);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
  }

  @Test
  void callers_without_the_scope_see_nothing() {
    for (String token : List.of("", "x", token("introspect"))) {
      try (LiveClient live = LiveClient.open(http, url, token)) {
        assertThat(live.answer().statusCode()).isEqualTo(401);
        assertThat(live.answer().headers().firstValue("www-authenticate")).isPresent();
      }
    }
    String question = "audience=payments-api&subject_token=" + fresh();
    assertThat(Http.post(url.resolve("/explain"), question).statusCode()).isEqualTo(401);
    assertThat(explain("x", question).statusCode()).isEqualTo(401);
    assertThat(explain(token("introspect"), question).statusCode()).isEqualTo(403);
  }

  @Test
  void shows_one_replica_and_no_list_without_a_shared_store() {
    assertThat(get("/replicas").statusCode()).isEqualTo(401);

    JsonObject document =
        new JsonObject(
            Http.get(url.resolve("/replicas"), "Authorization", "Bearer " + operator).body());

    assertThat(document.getBoolean("shared")).isFalse();
    assertThat(document.getJsonArray("replicas")).hasSize(1);
    assertThat(document.getJsonArray("replicas").getJsonObject(0).getString("revision"))
        .isEqualTo(federations.current().orElseThrow().revision());
    try (LiveClient live = open()) {
      assertThat(live.next("state").containsKey("replicas")).isFalse();
    }
  }

  @Test
  void a_page_of_another_site_gets_no_explanation() {
    String form = "audience=a&subject_token=x";

    assertThat(explain(operator, form, "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
  }

  @Test
  void a_stream_ends_in_order_with_the_broker() {
    try (LiveClient live = open()) {
      live.next("state");

      timeline.endWatches();

      assertThat(live.ends()).isTrue();
    }
  }

  @Test
  void a_reader_that_has_gone_makes_room_for_another() {
    List<LiveClient> streams = new ArrayList<>();
    try {
      LiveClient last = open();
      while (last.answer().statusCode() == 200 && streams.size() < MAX_STREAMS) {
        streams.add(last);
        last = open();
      }
      assertThat(last.answer().statusCode()).isEqualTo(429);
      last.close();

      streams.removeLast().close();

      LiveClient next = Eventually.see(this::open, live -> live.answer().statusCode() == 200);
      streams.add(next);
      assertThat(next.answer().statusCode()).isEqualTo(200);
    } finally {
      streams.forEach(LiveClient::close);
    }
  }

  private HttpResponse<String> get(String path) {
    return Http.get(url.resolve(path));
  }

  private HttpResponse<String> explain(String token, String form, String... headers) {
    String[] all = Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = "Authorization";
    all[headers.length + 1] = "Bearer " + token;
    return Http.post(url.resolve("/explain"), form, all);
  }
}
