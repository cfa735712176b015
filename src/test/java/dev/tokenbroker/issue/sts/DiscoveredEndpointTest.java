package dev.tokenbroker.issue.sts;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FetchFlight;
import dev.tokenbroker.peers.http.Origin;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveredEndpointTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Set<Thread.State> WAITING = Set.of(Thread.State.TIMED_WAITING);

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  private volatile Reply reply = Reply.drop();
  private final List<String> moves = new CopyOnWriteArrayList<>();
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(asked -> reply);
  private final DiscoveredEndpoint endpoint = endpoint(false);
  private final DiscoveredEndpoint forMutualTls = endpoint(true);

  @Test
  void is_where_the_document_says() {
    reply = naming("/token");

    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThat(upstream.asked())
        .singleElement()
        .extracting(FakeUpstream.Asked::path)
        .isEqualTo("/realm/.well-known/openid-configuration");
  }

  @Test
  void a_probe_looks_it_up_beside_the_callers() {
    reply = naming("/token");
    assertThat(endpoint.probe()).isEmpty();
    assertThat(upstream.asked()).hasSize(1);

    reply = naming("/moved");
    assertThat(endpoint.probe()).isEmpty();

    assertThat(moves).containsExactly("/token to /moved");
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/moved"));
    assertThat(upstream.asked()).hasSize(2);
  }

  @Test
  void a_failed_probe_changes_nothing_for_callers() {
    reply = FakeUpstream.json(503, "");
    assertThat(endpoint.probe())
        .hasValueSatisfying(
            why -> assertThat(why.reason()).isEqualTo(RefusalReason.UPSTREAM_UNAVAILABLE));

    // No cool-down: the first caller fetches at once.
    reply = naming("/token");
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));

    reply = FakeUpstream.json(503, "");
    assertThat(endpoint.probe()).isPresent();
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThat(moves).isEmpty();
  }

  @Test
  void reports_each_move_once() {
    reply = naming("/token");
    accepted(locate());
    clock.advance(DiscoveredEndpoint.TTL);
    accepted(locate());
    reply = naming("/moved");
    clock.advance(DiscoveredEndpoint.TTL);

    assertThatItMovesTo(upstream.uri("/moved"));

    assertThat(moves).containsExactly("/token to /moved");
  }

  @Test
  void is_known_for_an_hour_and_then_refreshed_in_the_background() {
    reply = naming("/token");
    accepted(locate());
    reply = naming("/moved");

    clock.advance(DiscoveredEndpoint.TTL.minusSeconds(1));
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThat(upstream.asked()).hasSize(1);

    clock.advance(Duration.ofSeconds(1));
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThatItMovesTo(upstream.uri("/moved"));
    assertThat(upstream.asked()).hasSize(2);
  }

  @Test
  void is_looked_up_sooner_where_it_is_in_doubt() {
    reply = naming("/token");
    accepted(locate());
    reply = naming("/moved");
    endpoint.doubt();

    accepted(locate());
    assertThat(upstream.asked()).hasSize(1);
    clock.advance(DiscoveredEndpoint.RECHECK);
    accepted(locate());

    assertThatItMovesTo(upstream.uri("/moved"));
  }

  @Test
  void a_document_that_turns_bad_leaves_it_as_it_was() throws Exception {
    reply = naming("/token");
    accepted(locate());
    reply = FakeUpstream.json(500, "");
    clock.advance(DiscoveredEndpoint.TTL);

    accepted(locate());
    assertThat(Eventually.see(upstream::asked, asked -> asked.size() == 2)).hasSize(2);
    assertThat(upstream.awaitNoConnection(PATIENCE)).isTrue();

    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThat(upstream.asked()).hasSize(2);
  }

  @Test
  void after_a_failure_nobody_asks_until_the_cool_down_is_over() {
    reply = FakeUpstream.json(503, "");
    refused(locate(), RefusalReason.UPSTREAM_UNAVAILABLE);

    for (int call = 0; call < 50; call++) {
      Refusal again = refused(locate(), RefusalReason.UPSTREAM_UNAVAILABLE);
      assertThat(again.retryAfter())
          .isBetween(DiscoveredEndpoint.COOL_DOWN, DiscoveredEndpoint.COOL_DOWN.multipliedBy(2));
    }
    assertThat(upstream.asked()).hasSize(1);

    clock.advance(DiscoveredEndpoint.COOL_DOWN);
    reply = naming("/token");
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
  }

  @Test
  void all_who_come_meanwhile_wait_for_one_fetch() throws Exception {
    Latch answer = new Latch(1);
    reply = once(answer, naming("/token"));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome<URI>>> ends = new ArrayList<>();
      for (int caller = 0; caller < 100; caller++) {
        ends.add(callers.submit(this::locate));
      }
      assertThat(Eventually.see(upstream::asked, asked -> asked.size() == 1)).hasSize(1);
      answer.countDown();
      for (Future<Outcome<URI>> end : ends) {
        assertThat(accepted(end.get())).isEqualTo(upstream.uri("/token"));
      }
    }
    assertThat(upstream.asked()).hasSize(1);
  }

  @Test
  void who_cannot_wait_is_told_so_and_ends_nothing() {
    Latch answer = new Latch(1);
    reply = once(answer, naming("/token"));

    refused(
        endpoint.locate(Deadline.after(Duration.ofMillis(20))), RefusalReason.DEADLINE_EXCEEDED);

    answer.countDown();
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThat(upstream.asked()).hasSize(1);
  }

  @Test
  void a_slow_fetch_is_the_upstream_fault_for_a_patient_caller() {
    Latch answer = new Latch(1);
    reply = connection -> answer.await();

    refused(
        endpoint.locate(Deadline.limit(Duration.ofMillis(20))), RefusalReason.UPSTREAM_TIMED_OUT);

    answer.countDown();
  }

  @Test
  void sends_nothing_after_a_hung_fetch_until_the_cool_down_ends() {
    Latch hung = new Latch(1);
    reply = once(hung, FakeUpstream.json(503, ""));
    refused(
        endpoint.locate(Deadline.after(Duration.ofMillis(20))), RefusalReason.DEADLINE_EXCEEDED);
    clock.advance(DiscoveredEndpoint.COOL_DOWN.multipliedBy(2));
    hung.countDown();

    for (int call = 0; call < 50; call++) {
      Refusal refusal = refused(locate(), RefusalReason.UPSTREAM_UNAVAILABLE);
      assertThat(refusal.retryAfter())
          .isBetween(DiscoveredEndpoint.COOL_DOWN, DiscoveredEndpoint.COOL_DOWN.multipliedBy(2));
    }
    assertThat(upstream.asked()).hasSize(1);
  }

  @Test
  void who_would_be_one_too_many_to_wait_is_sent_away() throws Exception {
    Latch answer = new Latch(1);
    reply = once(answer, naming("/token"));
    List<Thread> waiting = new ArrayList<>();
    for (int caller = 0; caller < FetchFlight.MAX_WAITING; caller++) {
      waiting.add(Thread.ofVirtual().start(this::locate));
    }
    assertThat(Eventually.see(() -> states(waiting), WAITING::equals)).isEqualTo(WAITING);

    Refusal refusal = refused(locate(), RefusalReason.UPSTREAM_UNREACHABLE);
    assertThat(refusal.retryAfter())
        .isBetween(Duration.ofMillis(1), DiscoveredEndpoint.COOL_DOWN.plusMillis(1));
    answer.countDown();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
  }

  /** Virtual threads can be short of memory; then the upstream is not lost until a restart. */
  @Test
  void is_not_stuck_where_a_fetch_gets_no_thread() {
    reply = naming("/token");
    Queue<Executor> threads = new ArrayDeque<>();
    threads.add(_ -> Unchecked.raise(new InternalError("unable to create native thread")));
    DiscoveredEndpoint soon =
        endpoint(
            false, work -> Objects.requireNonNullElse(threads.poll(), Runnable::run).execute(work));

    Refusal refusal =
        refused(soon.locate(Deadline.after(PATIENCE)), RefusalReason.UPSTREAM_UNREACHABLE);
    assertThat(refusal.retryAfter())
        .isBetween(DiscoveredEndpoint.COOL_DOWN, DiscoveredEndpoint.COOL_DOWN.multipliedBy(2));
    clock.advance(DiscoveredEndpoint.COOL_DOWN);
    assertThat(accepted(soon.locate(Deadline.after(PATIENCE)))).isEqualTo(upstream.uri("/token"));
  }

  @Test
  void a_waiting_caller_learns_the_end_even_if_memory_is_too_short() {
    reply = FakeUpstream.json(503, "");
    Queue<Long> times = new ArrayDeque<>(List.of(0L));
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    DiscoveredEndpoint shortOfMemory =
        endpoint(
            false,
            () -> Optional.ofNullable(times.poll()).orElseThrow(OutOfMemoryError::new),
            fetch ->
                Thread.ofVirtual()
                    .uncaughtExceptionHandler((_, error) -> thrown.add(error))
                    .start(fetch));

    refused(shortOfMemory.locate(Deadline.after(PATIENCE)), RefusalReason.UPSTREAM_UNAVAILABLE);
    assertThat(Eventually.see(() -> thrown, seen -> !seen.isEmpty()))
        .singleElement()
        .isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void is_where_it_was_where_looking_it_up_again_gets_no_thread() {
    reply = naming("/token");
    Queue<Executor> threads = new ArrayDeque<>();
    threads.add(Runnable::run);
    DiscoveredEndpoint soonThreadless = endpoint(false, work -> threads.remove().execute(work));
    accepted(soonThreadless.locate(Deadline.after(PATIENCE)));
    clock.advance(DiscoveredEndpoint.TTL);

    assertThat(accepted(soonThreadless.locate(Deadline.after(PATIENCE))))
        .isEqualTo(upstream.uri("/token"));
  }

  @Test
  void a_document_of_another_issuer_is_not_believed() {
    reply =
        FakeUpstream.json(
            200, "{\"issuer\":\"https://other.example\",\"token_endpoint\":\"https://x/t\"}");

    Refusal refusal = refused(locate(), RefusalReason.UPSTREAM_ISSUER_MISMATCH);
    assertThat(refusal.expected()).isEqualTo(upstream.origin() + "/realm");
    assertThat(refusal.notes())
        .contains(
            "The discovery document at %s/realm/.well-known/openid-configuration names the issuer"
                    .formatted(upstream.origin())
                + " https://other.example.");
    assertThat(refusal.retryAfter()).isNull();
  }

  /** What stands in the document is the upstream's answer, which no caller is shown. */
  @ParameterizedTest
  @CsvSource({
    "%s/realm/, an issuer that has a trailing slash",
    "%s/Realm, an issuer that differs in upper and lower case",
    "%s/c0nfidential, another issuer",
    "c0nfidential, another issuer",
    "'', another issuer"
  })
  void tells_how_the_issuer_of_a_document_differs_but_not_its_value(String named, String seen) {
    reply =
        FakeUpstream.json(200, "{\"issuer\":\"%s\"}".formatted(named.formatted(upstream.origin())));

    Refusal refusal = refused(locate(), RefusalReason.UPSTREAM_ISSUER_MISMATCH);
    assertThat(refusal.seen()).isEqualTo(seen);
    assertThat(refusal.hints()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"token_endpoint\":7",
        "\"token_endpoint\":\"/token\"",
        "\"token_endpoint\":\"ftp://sso.example/token\"",
        "\"token_endpoint\":\"https://user@sso.example/token\"",
        "\"token_endpoint\":\"https://sso.example/token#f\"",
        "\"token_endpoint\":\"https://sso.example:65536/token\"",
        "\"token_endpoint\":\"not a url\""
      })
  void a_document_without_a_usable_endpoint_is_malformed(String member) {
    String issuer = "\"issuer\":\"" + upstream.origin() + "/realm\"";
    reply = FakeUpstream.json(200, "{" + issuer + (member.isEmpty() ? "" : "," + member) + "}");

    assertThat(refused(locate()).reason()).isEqualTo(RefusalReason.UPSTREAM_ANSWER_MALFORMED);
  }

  @Test
  void is_not_at_another_origin_whoever_wrote_the_document() {
    reply = naming("https://other.example/token", "{}");

    Refusal refusal = refused(locate(), RefusalReason.UPSTREAM_ADDRESS_REFUSED);
    assertThat(refusal.expected()).contains(upstream.origin()).contains("tokenOrigins");
    assertThat(refusal.seen()).doesNotContain("other.example");
    assertThat(refusal.notes()).contains("The token_endpoint is at https://other.example.");
    assertThat(refusal.reason().remedy()).contains("tokenEndpoint or tokenOrigins");
    assertThat(refusal.retryAfter()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:%d/token", "https://localhost:1/token"})
  void is_not_at_another_scheme_or_port(String named) {
    reply = naming(named.formatted(upstream.uri("").getPort()), "{}");

    assertThat(locate()).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void is_at_another_origin_that_operators_declare() {
    reply = naming("https://STS.example:443/token", "{}");
    DiscoveredEndpoint declared =
        endpoint(
            TestUpstreams.of(
                upstream.origin() + "/realm",
                Set.of(Origin.of(URI.create("https://sts.example"))),
                new ClientAuthentication.NoAuthentication("broker")));

    assertThat(accepted(declared.locate(Deadline.after(PATIENCE))))
        .isEqualTo(URI.create("https://STS.example:443/token"));
  }

  @Test
  void is_not_at_another_origin_for_mutual_tls_either() {
    reply = naming("/token", "{\"token_endpoint\":\"https://mtls.example/token\"}");

    refused(forMutualTls.locate(Deadline.after(PATIENCE)), RefusalReason.UPSTREAM_ADDRESS_REFUSED);
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
  }

  @Test
  void a_document_that_turns_to_another_origin_leaves_it_as_it_was() {
    reply = naming("/token");
    accepted(locate());
    reply = naming("https://other.example/token", "{}");

    assertThat(endpoint.probe())
        .hasValueSatisfying(
            why -> assertThat(why.reason()).isEqualTo(RefusalReason.UPSTREAM_ADDRESS_REFUSED));
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
    assertThat(moves).isEmpty();
  }

  /** RFC 8705 section 5. */
  @Test
  void is_separate_for_mutual_tls_if_the_document_names_one() {
    reply = naming("/token", "{\"token_endpoint\":\"%s\"}".formatted(upstream.uri("/mtls")));

    assertThat(accepted(forMutualTls.locate(Deadline.after(PATIENCE))))
        .isEqualTo(upstream.uri("/mtls"));
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"token_endpoint\":null}", "{\"revocation_endpoint\":\"https://x/r\"}"})
  void is_the_same_for_mutual_tls_if_the_document_names_none(String aliases) {
    reply = naming("/token", aliases);

    assertThat(accepted(forMutualTls.locate(Deadline.after(PATIENCE))))
        .isEqualTo(upstream.uri("/token"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "\"https://sso.example/token\"",
        "{\"token_endpoint\":7}",
        "{\"token_endpoint\":\"ftp://sso.example/token\"}",
        "{\"token_endpoint\":\"https://user@sso.example/token\"}"
      })
  void an_unusable_mutual_tls_endpoint_makes_a_document_malformed(String aliases) {
    reply = naming("/token", aliases);

    refused(forMutualTls.locate(Deadline.after(PATIENCE)), RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(accepted(locate())).isEqualTo(upstream.uri("/token"));
  }

  /** That reply, held back until the latch opens. */
  private static Reply once(Latch open, Reply reply) {
    return connection -> {
      open.await();
      reply.write(connection);
    };
  }

  private Reply naming(String path) {
    return naming(path, "{}");
  }

  private Reply naming(String path, String aliases) {
    return FakeUpstream.json(
        200,
        "{\"issuer\":\"%s/realm\",\"token_endpoint\":\"%s\",\"mtls_endpoint_aliases\":%s}"
            .formatted(
                upstream.origin(), path.startsWith("/") ? upstream.uri(path) : path, aliases));
  }

  private Outcome<URI> locate() {
    return endpoint.locate(Deadline.after(PATIENCE));
  }

  private DiscoveredEndpoint endpoint(boolean mutualTls) {
    return endpoint(mutualTls, fetch -> Thread.ofVirtual().start(fetch));
  }

  private DiscoveredEndpoint endpoint(boolean mutualTls, Executor threads) {
    return endpoint(mutualTls, clock::nanoTime, threads);
  }

  private DiscoveredEndpoint endpoint(boolean mutualTls, LongSupplier nanoTime, Executor threads) {
    return endpoint(
        TestUpstreams.of(
            upstream.origin() + "/realm",
            Set.of(),
            mutualTls
                ? new ClientAuthentication.MutualTls("broker")
                : new ClientAuthentication.NoAuthentication("broker")),
        nanoTime,
        threads);
  }

  private DiscoveredEndpoint endpoint(UpstreamDefinition definition) {
    return endpoint(definition, clock::nanoTime, fetch -> Thread.ofVirtual().start(fetch));
  }

  private DiscoveredEndpoint endpoint(
      UpstreamDefinition definition, LongSupplier nanoTime, Executor threads) {
    return new DiscoveredEndpoint(
        definition,
        PeerClients.loopback(vertx, Duration.ofSeconds(5)),
        nanoTime,
        threads,
        moved -> moves.add(path(moved.was()) + " to " + path(moved.is())));
  }

  private static String path(String uri) {
    return URI.create(uri).getPath();
  }

  private void assertThatItMovesTo(URI moved) {
    assertThat(Eventually.see(() -> accepted(locate()), moved::equals)).isEqualTo(moved);
  }

  private static Set<Thread.State> states(List<Thread> threads) {
    return threads.stream().map(Thread::getState).collect(Collectors.toSet());
  }
}
