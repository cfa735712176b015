package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.operate.changes.ComparisonNow;
import dev.tokenbroker.operate.changes.Correlation;
import dev.tokenbroker.operate.changes.Timeline;
import dev.tokenbroker.process.runtime.Unchecked;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The timeline that operators see, with changes of a real issuer on loopback. */
@QuarkusTest
class ChangesLiveTest {

  private static final String NDJSON = "application/x-ndjson";
  private static final String CHANGES = "/changes";

  /** An issuer whose refusals no other test causes. */
  private static final String NAME = "changing";

  private static final int REFUSED = 20;

  /** More than there may be. */
  private static final int MAX_STREAMS = 70;

  @Inject Federations federations;
  @Inject Timeline timeline;
  @Inject Correlation correlation;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  @AutoClose private BrokerClient client;
  private String operator;

  @BeforeEach
  void start() {
    new TestFederation()
        .issuer(NAME, issuer.issuer())
        .rule("payments", NAME, "payments-api", "claims.sub != ''", "read")
        .rule("operators", NAME, "token-broker", "claims.sub != ''", "operate, introspect")
        .load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
    operator = token("operate");
  }

  @AfterEach
  void stop() {
    http.shutdownNow(); // closing would wait for streams, which do not end
  }

  private String token(String scope) {
    return client.brokerToken(fresh(), scope);
  }

  private String fresh() {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  @Test
  void joins_refusals_to_a_key_that_vanished_before_them() {
    String removed = issuer.kid();
    List<String> former = new ArrayList<>();
    for (int at = 0; at < REFUSED; at++) {
      former.add(fresh());
    }
    Iterator<JsonObject> stream = watch();
    issuer.rotate();
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(fresh())), answer -> answer.token() != null);
    JsonObject gone =
        next(
            stream,
            event -> event.getString("kind", "").equals("key-removed") && isOfIssuer(event));
    assertThat(gone.getString("was", "")).startsWith("kid " + removed + ", key ");
    assertThat(gone.getString("is", "")).isEmpty();
    assertThat(gone.getString("subject", "")).isEqualTo(NAME);
    assertThat(gone.containsKey("noticed_after_time")).isTrue();
    // The kid is unknown for good once it was looked for at the issuer.
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(former.getFirst())),
        answer -> answer.reason().equals("KEY_UNKNOWN"));
    for (String credential : former) {
      assertThat(client.exchange(BrokerClient.exchangeOf(credential)).token()).isNull();
    }
    ComparisonNow.by(correlation);

    JsonObject joined =
        next(
            stream,
            event -> event.getLong("id").equals(gone.getLong("id")) && unknown(event).isPresent());

    JsonObject risen = unknown(joined).orElseThrow();
    assertThat(risen.getString("name", "")).isEqualTo(NAME);
    assertThat(risen.getLong("before")).isZero();
    assertThat(risen.getString("text", ""))
        .contains("KEY_UNKNOWN of " + NAME + " rose, ")
        .contains("key-removed");
    assertThat(get("application/json", operator).body()).contains(risen.getString("text", ""));
    assertThatOperatorsSeeTheChangeInVerdicts(former.getFirst());
  }

  @Test
  void shows_refusals_before_a_replaced_key_is_noticed_as_unproved() {
    Iterator<JsonObject> stream = watch();
    // After a fetch, the broker may not fetch for the cool-down, and refuses what the new key
    // signs.
    for (int refused = 0; refused < REFUSED; ) {
      if (client.exchange(BrokerClient.exchangeOf(fresh())).token() == null) {
        refused++;
      } else {
        issuer.replaceKey();
      }
    }
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(fresh())), answer -> answer.token() != null);
    ComparisonNow.by(correlation);

    JsonObject shown =
        next(
            stream,
            event ->
                event.getString("kind", "").equals("key-replaced")
                    && isOfIssuer(event)
                    && !refusals(event, "unproved").isEmpty());

    assertThat(shown.containsKey("noticed_after_time")).isTrue();
    assertThat(joined(shown)).isEmpty();
    // Other methods use the same issuer, so other reasons may stand beside it.
    assertThat(refusals(shown, "unproved"))
        .filteredOn(risen -> risen.getString("reason", "").equals("SIGNATURE_INVALID"))
        .singleElement()
        .satisfies(risen -> assertThat(risen.getLong("delay_seconds")).isLessThanOrEqualTo(0));
  }

  private void assertThatOperatorsSeeTheChangeInVerdicts(String credential) {
    Answer refused =
        Eventually.see(
            () -> client.exchange(BrokerClient.exchangeOf(credential)),
            answer -> answer.reason().equals("KEY_UNKNOWN"));
    assertThat(refused.facts().toString()).doesNotContain("key-removed");
    assertThat(
            get("/verdicts/" + refused.facts().get("verdict_id"), "application/json", operator)
                .body())
        .contains(
            "Refusals rose after a change: KEY_UNKNOWN of " + NAME,
            "key-removed of issuer " + NAME);

    var question = BrokerClient.exchangeOf(credential);
    assertThat(client.explainAsOperator(question, operator).getHintsList())
        .anyMatch(hint -> hint.contains("key-removed of issuer " + NAME));
    assertThat(client.explain(question).getHintsList())
        .noneMatch(hint -> hint.contains("key-removed"));
  }

  /** While the broker may not fetch, refusals have another reason, which is joined as well. */
  private static Optional<JsonObject> unknown(JsonObject event) {
    return joined(event).stream()
        .filter(risen -> risen.getString("reason", "").equals("KEY_UNKNOWN"))
        .findFirst();
  }

  @Test
  void the_next_fetch_shows_a_moved_key_set_and_a_stepped_clock() {
    Iterator<JsonObject> stream = watch();
    issuer.moveKeys("/moved");
    issuer.clockOffset(Duration.ofSeconds(20));
    issuer.rotate();
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(fresh())), answer -> answer.token() != null);

    List<String> kinds = new ArrayList<>();
    while (!kinds.containsAll(List.of("key-location-moved", "clock-stepped", "key-removed"))) {
      kinds.add(next(stream, this::isOfIssuer).getString("kind", ""));
    }
    assertThat(kinds).doesNotContain("discovery-changed");
  }

  private boolean isOfIssuer(JsonObject event) {
    return event.getString("issuer", "").equals(issuer.issuer());
  }

  @Test
  void http_serves_the_events_as_one_document() {
    HttpResponse<String> answer = get("application/json", operator);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
    assertThat(answer.body())
        .startsWith("{\"changes\": [")
        .contains("\"kind\":\"broker-started\"", "\"kind\":\"federation-loaded\"");
  }

  @Test
  void http_streams_the_events_and_then_each_new_one() throws Exception {
    HttpResponse<InputStream> answer = open();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElseThrow()).startsWith(NDJSON);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).startsWith("{\"id\":");

      String moved = issuer.issuer() + "/moved";
      new TestFederation().issuer("moved", moved).target("other").load(federations);
      String revision = federations.current().orElseThrow().revision().substring(0, 12);

      String line = lines.readLine();
      while (!line.contains("\"is\":\"revision " + revision)) {
        line = lines.readLine();
      }
      assertThat(line).contains("\"kind\":\"federation-loaded\"");
    }
  }

  @Test
  void streams_end_with_the_broker() throws Exception {
    try (InputStream body = open().body()) {
      body.read();

      timeline.endWatches();

      byte[] rest = body.readAllBytes();
      assertThat(rest[rest.length - 1]).isEqualTo((byte) '\n');
    }
  }

  @Test
  void a_reader_that_has_gone_makes_room_for_another() throws Exception {
    List<InputStream> streams = new ArrayList<>();
    try {
      HttpResponse<InputStream> last = open();
      while (last.statusCode() == 200 && streams.size() < MAX_STREAMS) {
        streams.add(last.body());
        last = open();
      }
      assertThat(last.statusCode()).isEqualTo(429);

      streams.removeLast().close();

      HttpResponse<InputStream> next =
          Eventually.see(this::open, answer -> answer.statusCode() == 200);
      streams.add(next.body());
      assertThat(next.statusCode()).isEqualTo(200);
    } finally {
      for (InputStream stream : streams) {
        stream.close();
      }
    }
  }

  private HttpResponse<InputStream> open() {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(CHANGES))
            .timeout(Duration.ofSeconds(20))
            .headers("Accept", NDJSON, "Authorization", "Bearer " + operator)
            .build();
    return Unchecked.get(() -> http.send(request, BodyHandlers.ofInputStream()));
  }

  @Test
  void callers_without_the_scope_see_nothing() {
    String other = token("introspect");
    for (String token : List.of("", "x", other)) {
      for (String accept : List.of("application/json", NDJSON)) {
        HttpResponse<String> answer = get(accept, token);
        assertThat(answer.statusCode()).isIn(401, 403);
        assertThat(answer.body()).doesNotContain("broker-started");
      }
    }
  }

  /** The events of a stream, each as it comes. */
  private Iterator<JsonObject> watch() {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(open().body(), StandardCharsets.UTF_8));
    return lines.lines().filter(line -> !line.isEmpty()).map(JsonObject::new).iterator();
  }

  private static List<JsonObject> joined(JsonObject event) {
    return refusals(event, "joined");
  }

  private static List<JsonObject> refusals(JsonObject event, String member) {
    return event.getJsonArray(member, new JsonArray()).stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  private static JsonObject next(Iterator<JsonObject> stream, Predicate<JsonObject> wanted) {
    JsonObject event = stream.next();
    while (!wanted.test(event)) {
      event = stream.next();
    }
    return event;
  }

  private HttpResponse<String> get(String accept, String token) {
    return get(CHANGES, accept, token);
  }

  private HttpResponse<String> get(String path, String accept, String token) {
    return Http.get(url.resolve(path), "Accept", accept, "Authorization", "Bearer " + token);
  }
}
