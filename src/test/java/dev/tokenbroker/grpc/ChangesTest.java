package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.changes.Timeline;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.v1.ChangeEvent;
import dev.tokenbroker.v1.JoinedRefusals;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc.TokenBrokerOperationsBlockingStub;
import dev.tokenbroker.v1.WatchChangesRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The timeline over both edges, with changes of a real issuer on loopback. */
@QuarkusTest
class ChangesTest {

  private static final String NDJSON = "application/x-ndjson";
  private static final String CHANGES = "/changes";

  /** An issuer whose refusals no other test causes. */
  private static final String NAME = "changing";

  private static final int REFUSED = 20;

  /** More than there may be. */
  private static final int MAX_STREAMS = 70;

  @Inject Federations federations;
  @Inject GrpcServer server;
  @Inject Timeline timeline;
  @TestHTTPResource URI url;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private BrokerClient client;
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
    http.close();
    client.close();
    issuer.close();
  }

  private String token(String scope) {
    return client.brokerToken(fresh(), scope);
  }

  private String fresh() {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  @Test
  void a_key_that_vanishes_is_seen_and_joined_to_the_refusals_after_it() {
    String removed = issuer.kid();
    List<String> former = new ArrayList<>();
    for (int at = 0; at < REFUSED; at++) {
      former.add(fresh());
    }
    Iterator<ChangeEvent> stream = watch(operator, 0);
    issuer.rotate();
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(fresh())), answer -> answer.token() != null);
    ChangeEvent gone =
        next(stream, event -> event.getKind().equals("key-removed") && isOfIssuer(event));
    assertThat(gone.getWas()).startsWith("kid " + removed + ", key ");
    assertThat(gone.getIs()).isEmpty();
    assertThat(gone.getSubject()).isEqualTo(NAME);
    assertThat(gone.hasNoticedAfterTime()).isTrue();
    // The kid is unknown for good once it was looked for at the issuer.
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(former.getFirst())),
        answer -> answer.reason().equals("KEY_UNKNOWN"));
    for (String credential : former) {
      assertThat(client.exchange(BrokerClient.exchangeOf(credential)).token()).isNull();
    }

    ChangeEvent joined =
        next(stream, event -> event.getId() == gone.getId() && unknown(event).isPresent());

    JoinedRefusals risen = unknown(joined).orElseThrow();
    assertThat(risen.getName()).isEqualTo(NAME);
    assertThat(risen.getBefore()).isZero();
    assertThat(risen.getText()).contains(" of " + NAME + ": 0 -> ").contains("key-removed");
    assertThat(get("application/json", operator).body()).contains(risen.getText());
    assertThatOperatorsSeeTheChangeInVerdicts(former.getFirst());
  }

  @Test
  void refusals_before_a_replaced_key_is_noticed_are_joined_to_it() {
    Iterator<ChangeEvent> stream = watch(operator, 0);
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

    ChangeEvent joined =
        next(
            stream,
            event ->
                event.getKind().equals("key-replaced")
                    && isOfIssuer(event)
                    && event.getJoinedCount() > 0);

    assertThat(joined.hasNoticedAfterTime()).isTrue();
    assertThat(joined.getJoinedList())
        .allSatisfy(
            risen -> {
              assertThat(risen.getReason()).isEqualTo("SIGNATURE_INVALID");
              assertThat(risen.getDelaySeconds()).isLessThanOrEqualTo(0);
            });
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
  private static Optional<JoinedRefusals> unknown(ChangeEvent event) {
    return event.getJoinedList().stream()
        .filter(risen -> risen.getReason().equals("KEY_UNKNOWN"))
        .findFirst();
  }

  @Test
  void a_moved_key_set_and_a_stepped_clock_are_seen_at_the_next_fetch() {
    Iterator<ChangeEvent> stream = watch(operator, 0);
    issuer.moveKeys("/moved");
    issuer.clockOffset(Duration.ofSeconds(20));
    issuer.rotate();
    Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(fresh())), answer -> answer.token() != null);

    List<String> kinds = new ArrayList<>();
    while (!kinds.containsAll(List.of("key-location-moved", "clock-stepped", "key-removed"))) {
      kinds.add(next(stream, this::isOfIssuer).getKind());
    }
    assertThat(kinds).doesNotContain("discovery-changed");
  }

  private boolean isOfIssuer(ChangeEvent event) {
    return event.getIssuer().equals(issuer.issuer());
  }

  @Test
  void a_stream_begins_after_the_event_that_the_caller_has_seen() {
    ChangeEvent first = watch(operator, 0).next();
    assertThat(first.getMissedEvents()).isZero();

    assertThat(watch(operator, first.getId()).next().getId()).isEqualTo(first.getId() + 1);
  }

  @Test
  void a_stream_is_counted_as_one_that_never_ends_by_itself() {
    int before = server.openStreams();
    Iterator<ChangeEvent> stream = watch(operator, 0);
    stream.next();

    assertThat(server.openStreams()).isEqualTo(before + 1);
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
    HttpResponse<InputStream> answer =
        http.send(request(CHANGES, NDJSON, operator), BodyHandlers.ofInputStream());
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
  void streams_of_both_edges_end_with_the_broker() throws Exception {
    Iterator<ChangeEvent> stream = watch(operator, 0);
    stream.next();
    HttpResponse<InputStream> answer =
        http.send(request(CHANGES, NDJSON, operator), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      int _ = body.read();

      timeline.endWatches();

      byte[] rest = body.readAllBytes();
      assertThat(rest[rest.length - 1]).isEqualTo((byte) '\n');
    }
    assertThatThrownBy(() -> next(stream, _ -> false))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            ended -> assertThat(ended.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
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
    try {
      return http.send(request(CHANGES, NDJSON, operator), BodyHandlers.ofInputStream());
    } catch (IOException | InterruptedException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Test
  void callers_without_the_scope_see_nothing_at_either_edge() {
    String other = token("introspect");
    for (String token : List.of("", "x", other)) {
      assertThatThrownBy(() -> watch(token, 0).next())
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(BrokerClient.refused(refused).reason())
                      .isIn("CALLER_UNAUTHENTICATED", "CALLER_NOT_PERMITTED"));
      for (String accept : List.of("application/json", NDJSON)) {
        HttpResponse<String> answer = get(accept, token);
        assertThat(answer.statusCode()).isIn(401, 403);
        assertThat(answer.body()).doesNotContain("broker-started");
      }
    }
  }

  private Iterator<ChangeEvent> watch(String token, long afterId) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    TokenBrokerOperationsBlockingStub stub =
        TokenBrokerOperationsGrpc.newBlockingStub(client.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    return stub.watchChanges(WatchChangesRequest.newBuilder().setAfterId(afterId).build());
  }

  private static ChangeEvent next(Iterator<ChangeEvent> stream, Predicate<ChangeEvent> wanted) {
    ChangeEvent event = stream.next();
    while (!wanted.test(event)) {
      event = stream.next();
    }
    return event;
  }

  private HttpRequest request(String path, String accept, String token) {
    return HttpRequest.newBuilder(url.resolve(path))
        .timeout(Duration.ofSeconds(20))
        .header("Accept", accept)
        .header("Authorization", "Bearer " + token)
        .build();
  }

  private HttpResponse<String> get(String accept, String token) {
    return get(CHANGES, accept, token);
  }

  private HttpResponse<String> get(String path, String accept, String token) {
    try {
      return http.send(request(path, accept, token), BodyHandlers.ofString());
    } catch (IOException | InterruptedException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
