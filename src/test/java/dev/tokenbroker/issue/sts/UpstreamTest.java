package dev.tokenbroker.issue.sts;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UpstreamTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Supply.Exchange PLAIN = ExchangeGrants.plain();
  private static final ClientAuthentication PUBLIC =
      new ClientAuthentication.NoAuthentication("broker");
  private static final PresentedCredential CREDENTIAL =
      new PresentedCredential("urn:ietf:params:oauth:token-type:jwt", "head.claims.signature");

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  private final Trail trail = new Trail();
  private volatile Reply reply = FakeUpstream.token();
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(asked -> reply);
  private final Upstreams upstreams = upstreams(GuardValues.defaults());

  @Test
  void hands_on_what_the_upstream_hands_out() {
    reply =
        FakeUpstream.json(
            200,
            "{\"access_token\":\"opaque\",\"token_type\":\"bearer\",\"expires_in\":300,"
                + "\"issued_token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
                + "\"scope\":\"write read\"}");

    IssuedToken token = accepted(exchange());

    assertThat(token)
        .isEqualTo(
            new IssuedToken(
                "opaque",
                "sha256:6d229884c1268bb0",
                clock.instant(),
                clock.instant().plusSeconds(300),
                List.of("read", "write"),
                "urn:ietf:params:oauth:token-type:jwt",
                TokenType.BEARER));
    Trail.Finding finding = finding();
    assertThat(finding.result()).isEqualTo(Trail.Result.PASSED);
    assertThat(finding.expected()).isEqualTo("a token from upstream corp-sso");
    assertThat(finding.seen()).endsWith(", 1 attempt");
    assertThat(trail.notes())
        .containsExactly(
            "upstream corp-sso: circuit CLOSED, 5.0 retries in the budget, 0 of 32 under way");
  }

  @ParameterizedTest
  @EnumSource
  void only_what_is_said_of_the_exchange_ends_a_token_that_is_held(RefusalReason reason) {
    assertThat(Upstream.isWithdrawal(reason))
        .isEqualTo(
            Set.of(
                    RefusalReason.UPSTREAM_CREDENTIAL_REFUSED,
                    RefusalReason.UPSTREAM_ASSERTION_REFUSED,
                    RefusalReason.UPSTREAM_CLIENT_REFUSED,
                    RefusalReason.UPSTREAM_NOT_PERMITTED,
                    RefusalReason.UPSTREAM_REQUEST_REFUSED)
                .contains(reason));
    assertThat(Upstream.isWithdrawal(reason) && !Upstream.isDefinite(reason)).isFalse();
  }

  @Test
  void hands_on_an_id_token_that_the_target_asks_for() {
    String idToken = "urn:ietf:params:oauth:token-type:id_token";
    reply =
        FakeUpstream.json(
            200,
            "{\"access_token\":\"opaque\",\"token_type\":\"N_A\",\"expires_in\":300,"
                + "\"issued_token_type\":\"%s\"}".formatted(idToken));
    Supply.Exchange wanted =
        ExchangeGrants.exchange(
            "corp-sso", null, List.of(), null, Map.of("requested_token_type", idToken));

    IssuedToken token = accepted(exchange(ExchangeGrants.of(wanted)));

    assertThat(token.issuedTokenType()).isEqualTo(idToken);
    assertThat(token.tokenTypeLabel()).isEqualTo("N_A");
    assertThat(refused(exchange()).reason()).isEqualTo(RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
  }

  @Test
  void a_token_without_scopes_has_those_that_were_asked_for() {
    Grant grant = ExchangeGrants.of(PLAIN, List.of("read", "write"), null, null);

    assertThat(accepted(exchange(grant)).scopes()).containsExactly("read", "write");
  }

  @Test
  void a_token_with_more_scopes_than_requested_is_refused() {
    reply = scoped("read admin write");
    Grant grant = ExchangeGrants.of(PLAIN, List.of("read"), null, null);

    Refusal refusal = refused(exchange(grant), RefusalReason.UPSTREAM_SCOPE_TOO_WIDE);
    assertThat(refusal.expected()).isEqualTo("no other scopes than read");
    assertThat(refusal.seen()).isEqualTo("also admin write, 1 attempt");
    assertThat(trail.notes()).contains("Its scope is: read admin write");
  }

  @Test
  void logs_a_refused_target_once_and_never_a_refused_credential() {
    try (Logged logged = Logged.open(TokenAttempts.class)) {
      reply = FakeUpstream.json(400, "{\"error\":\"invalid_grant\"}");
      assertThat(refused(exchange()).reason()).isEqualTo(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED);
      assertThat(logged.lines()).isEmpty();

      reply = scoped("read admin");
      Grant grant = ExchangeGrants.of(PLAIN, List.of("read"), null, null);
      refused(exchange(grant));
      refused(exchange(grant));
      assertThat(logged.lines())
          .containsExactly(
              "WARNING Upstream corp-sso refuses the target %s: UPSTREAM_SCOPE_TOO_WIDE, also admin"
                  .formatted(grant.audience()));
    }
  }

  @Test
  void a_target_may_allow_more_scopes_than_requested() {
    reply = scoped("read admin");
    Supply.Exchange wide =
        new Supply.Exchange(
            "corp-sso", null, List.of(), null, true, Map.of(), Presentation.CREDENTIAL);

    IssuedToken token = accepted(exchange(ExchangeGrants.of(wide, List.of("read"), null, null)));

    assertThat(token.scopes()).containsExactly("admin", "read");
  }

  @Test
  void an_upstream_that_is_asked_for_no_scopes_chooses_them() {
    reply = scoped("openid profile");

    assertThat(accepted(exchange()).scopes()).containsExactly("openid", "profile");
  }

  @Test
  void operators_see_the_upstream_error_text_and_callers_do_not() {
    reply =
        FakeUpstream.json(
            401,
            "{\"error\":\"unknown_to_rfcs\",\"error_description\":\"AADSTS7000222: The secret of"
                + " client 0f8fad5b-d9cb-469f-a165-70867728950e has ended.\"}");

    Refusal refusal = refused(exchange(), RefusalReason.UPSTREAM_CLIENT_REFUSED);
    assertThat(refusal.seen() + refusal.hints() + refusal.expected())
        .doesNotContain("AADSTS")
        .doesNotContain("unknown_to_rfcs");
    assertThat(trail.notes())
        .contains(
            "The token endpoint "
                + upstream.uri("/token")
                + " answered status 401 with content type application/json.",
            "Its error is: unknown_to_rfcs",
            "Its error_description is: AADSTS7000222: The secret of client"
                + " 0f8fad5b-d9cb-469f-a165-70867728950e has ended.");
  }

  @Test
  void no_secret_that_an_upstream_repeats_is_told_to_anybody() {
    String secret = "kX9~aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z";
    reply =
        FakeUpstream.json(
            400,
            "{\"error\":\"invalid_client\",\"error_description\":\"bad "
                + secret
                + " and eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0. or eyJhbGciOiJub25lIn0.e30.\"}");

    Refusal refusal = refused(exchange());

    assertThat(refusal.toString() + trail.notes())
        .doesNotContain(secret)
        .doesNotContain("eyJ")
        .contains("Its error_description is: bad (38 characters) and (36 characters) or (a token)");
  }

  @Test
  void a_page_of_a_firewall_is_told_by_its_content_type() {
    reply = Reply.of(403, Map.of("Content-Type", "text/html"), "<html>blocked</html>");

    Refusal refusal = refused(exchange(), RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(refusal.seen()).startsWith("status 403, a web page, without error, body sha256:");
    assertThat(trail.notes())
        .contains(
            "The token endpoint "
                + upstream.uri("/token")
                + " answered status 403 with content type text/html.");
  }

  @Test
  void a_redirect_is_told_with_its_location_but_for_the_query() {
    reply = Reply.of(302, Map.of("Location", "https://login.example/start?code=abc"), "");

    refused(exchange(), RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(trail.notes())
        .contains(
            "The token endpoint "
                + upstream.uri("/token")
                + " answered status 302 without content type and Location"
                + " https://login.example/start.");
  }

  @Test
  void another_type_of_token_is_told() {
    reply =
        FakeUpstream.json(
            200, "{\"access_token\":\"opaque\",\"token_type\":\"DPoP\",\"expires_in\":300}");

    refused(exchange(), RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
    assertThat(trail.notes()).contains("Its token_type is: DPoP", "Its expires_in is: 300");
    assertThat(trail.notes().toString()).doesNotContain("opaque");
  }

  @Test
  void a_token_ending_a_minute_late_is_cut_to_its_credential() {
    Instant end = clock.instant().plusSeconds(240);

    assertThat(accepted(exchange(until(end))).expireTime()).isEqualTo(end);
    Instant sooner = end.minusSeconds(1);
    Refusal refusal =
        refused(exchange(until(sooner)), RefusalReason.UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL);
    assertThat(refusal.expected()).contains(sooner.toString());
  }

  @Test
  void refuses_a_token_that_comes_after_its_credential_ended() {
    Instant end = clock.instant().plusSeconds(4);
    reply = after(Duration.ofSeconds(4), FakeUpstream.token());

    Refusal refusal = refused(exchange(until(end)), RefusalReason.CREDENTIAL_EXPIRED);
    assertThat(refusal.seen()).contains(end.toString()).endsWith(", 1 attempt");
    assertThat(upstreams.inUse().getFirst().status().successes()).isEqualTo(1);
  }

  @Test
  void attempts_longer_than_the_credential_life_give_no_token() {
    Instant end = clock.instant().plusSeconds(1);
    reply =
        connection ->
            after(
                    Duration.ofSeconds(4),
                    upstream.asked().size() < 3 ? FakeUpstream.json(503, "") : FakeUpstream.token())
                .write(connection);

    Refusal refusal = refused(exchange(until(end)), RefusalReason.CREDENTIAL_EXPIRED);
    assertThat(refusal.seen()).endsWith(", 3 attempts");
  }

  @Test
  void a_token_in_the_last_second_of_its_credential_ends_later() {
    Instant begun = clock.instant();
    Instant end = begun.plusMillis(4_200);
    reply =
        after(
            Duration.ofMillis(4_100),
            FakeUpstream.json(
                200, "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":60}"));

    assertThat(accepted(exchange(until(end))).expireTime()).isEqualTo(begun.plusSeconds(5));
  }

  @Test
  void a_life_counts_from_before_the_request_was_sent() {
    Instant sent = clock.instant();
    reply = after(Duration.ofSeconds(100), FakeUpstream.token());

    IssuedToken issued = accepted(exchange());

    assertThat(issued.issueTime()).isEqualTo(sent);
    assertThat(issued.expireTime()).isEqualTo(sent.plusSeconds(300));
  }

  @Test
  void a_token_that_ends_on_its_way_is_of_no_use() {
    reply = after(Duration.ofMinutes(5), FakeUpstream.token());

    assertThat(refused(exchange()).reason()).isEqualTo(RefusalReason.UPSTREAM_TOKEN_UNUSABLE);
  }

  @Test
  void trouble_is_tried_again_within_the_guards_bounds() {
    Reply token = reply;
    AtomicInteger asked = new AtomicInteger();
    reply =
        connection ->
            (asked.incrementAndGet() < 3 ? FakeUpstream.json(503, "") : token).write(connection);

    accepted(exchange());

    assertThat(upstream.asked()).hasSize(3);
    assertThat(finding().seen()).endsWith(", 3 attempts");
  }

  @ParameterizedTest
  @EnumSource(names = {"TOKEN_EXCHANGE", "JWT_BEARER"})
  void repeats_a_lost_request_only_if_it_uses_nothing_up(UpstreamGrant grant) {
    reply = FakeUpstream.reset();
    UpstreamDefinition definition = TestUpstreams.at(upstream.uri("/token"), grant, PUBLIC);

    refused(
        exchange(upstreams.of(definition), ExchangeGrants.of(PLAIN)),
        RefusalReason.UPSTREAM_UNREACHABLE);
    assertThat(upstream.asked()).hasSize(grant == UpstreamGrant.TOKEN_EXCHANGE ? 3 : 1);
  }

  @Test
  void an_open_circuit_does_not_hide_what_has_to_be_mended() {
    Upstreams impatient =
        upstreams(
            GuardValues.defaults()
                .withAttempts(1, Duration.ofSeconds(5))
                .withCircuit(1, Duration.ofSeconds(2)));
    Upstream broken = impatient.of(TestUpstreams.at(upstream.uri("/token")));
    reply = FakeUpstream.json(200, "<html>");
    refused(exchange(broken, ExchangeGrants.of(PLAIN)));

    Refusal refusal = refused(exchange(broken, Deadline.after(PATIENCE)));

    assertThat(refusal.reason())
        .isIn(RefusalReason.UPSTREAM_CIRCUIT_OPEN, RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(refusal.reason() + refusal.seen()).contains("UPSTREAM_ANSWER_MALFORMED");
  }

  /** The limit of an evaluation is not that of all who wait for it. */
  @Test
  void a_patient_caller_learns_that_places_were_taken_and_retries() throws InterruptedException {
    Upstream narrow =
        upstreams(GuardValues.defaults().withPlaces(1, Duration.ofSeconds(1)))
            .of(TestUpstreams.at(upstream.uri("/token")));
    Latch asked = new Latch(1);
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    reply =
        connection -> {
          asked.countDown();
          answer.join().write(connection);
        };
    Thread first = Thread.ofVirtual().start(() -> exchange(narrow, ExchangeGrants.of(PLAIN)));
    asked.await();
    Duration brief = Duration.ofMillis(5);

    Refusal limited = refused(exchange(narrow, Deadline.limit(brief)));
    Refusal late = refused(exchange(narrow, Deadline.after(brief)));

    answer.complete(FakeUpstream.token());
    first.join();
    assertThat(limited.reason()).isEqualTo(RefusalReason.UPSTREAM_BUSY);
    assertThat(limited.retryAfter()).isPositive();
    assertThat(late.reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
  }

  @Test
  void a_patient_caller_learns_that_it_took_too_long_and_retries() {
    Upstream late = upstreams.of(TestUpstreams.at(upstream.uri("/token")));

    Refusal limited =
        refused(exchange(late, Deadline.limit(Duration.ZERO)), RefusalReason.UPSTREAM_TIMED_OUT);
    assertThat(limited.retryAfter()).isPositive();
    refused(exchange(late, Deadline.after(Duration.ZERO)), RefusalReason.DEADLINE_EXCEEDED);
    assertThat(upstream.asked()).isEmpty();
  }

  @Test
  void an_unreadable_secret_is_our_fault_and_sends_no_request() throws IOException {
    Path file = directory.resolve("secret");
    UpstreamDefinition definition =
        TestUpstreams.at(
            upstream.uri("/token"),
            UpstreamGrant.CLIENT_CREDENTIALS,
            new ClientAuthentication.Post("broker", file));

    Refusal refusal =
        refused(
            exchange(upstreams.of(definition), ExchangeGrants.of(PLAIN)),
            RefusalReason.UPSTREAM_CLIENT_REFUSED);
    assertThat(refusal.toString()).doesNotContain(directory.toString());
    assertThat(upstream.asked()).isEmpty();

    Files.writeString(file, "s3cret");
    upstreams.reread();
    accepted(exchange(upstreams.of(definition), ExchangeGrants.of(PLAIN)));
  }

  @Test
  void is_found_by_discovery() {
    reply = discovering("{}");
    UpstreamDefinition definition = discovered(PUBLIC);

    accepted(exchange(upstreams.of(definition), ExchangeGrants.of(PLAIN)));
    accepted(exchange(upstreams.of(definition), ExchangeGrants.of(PLAIN)));

    assertThat(upstream.asked())
        .extracting(FakeUpstream.Asked::path)
        .containsExactly("/.well-known/openid-configuration", "/t", "/t");
  }

  /** Answers GET with a discovery document and POST with a token. */
  private Reply discovering(String aliases) {
    String document =
        "{\"issuer\":\"%1$s\",\"token_endpoint\":\"%1$s/t\",\"mtls_endpoint_aliases\":%2$s}"
            .formatted(upstream.origin(), aliases);
    return connection ->
        (upstream.asked().getLast().method().equals("GET")
                ? FakeUpstream.json(200, document)
                : FakeUpstream.token())
            .write(connection);
  }

  @Test
  void discovers_the_mutual_tls_endpoint_if_a_certificate_is_proof() {
    reply = discovering("{\"token_endpoint\":\"%s\"}".formatted(upstream.uri("/mtls")));

    for (ClientAuthentication client :
        List.of(PUBLIC, new ClientAuthentication.MutualTls("broker"))) {
      accepted(exchange(upstreams.of(discovered(client)), ExchangeGrants.of(PLAIN)));
    }

    assertThat(upstream.asked())
        .filteredOn(asked -> asked.method().equals("POST"))
        .extracting(FakeUpstream.Asked::path)
        .containsExactly("/t", "/mtls");
  }

  @Test
  void where_discovery_fails_the_guard_is_not_asked() {
    reply = Reply.drop();
    Upstream lost = upstreams.of(discovered(PUBLIC));

    Refusal refusal =
        refused(exchange(lost, ExchangeGrants.of(PLAIN)), RefusalReason.UPSTREAM_UNREACHABLE);
    assertThat(refusal.seen()).endsWith(", 0 attempts");
    assertThat(refusal.retryAfter()).isNotNull();
    assertThat(lost.status().attempts()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"429, UPSTREAM_THROTTLED", "503, UPSTREAM_UNAVAILABLE"})
  void asks_nothing_before_the_upstream_wants_it_to_and_says_so(int status, RefusalReason reason) {
    reply = Reply.of(status, Map.of("Retry-After", "20"), "");
    assertThat(refused(exchange()).reason()).isEqualTo(reason);

    Refusal again = refused(exchange(), reason);
    assertThat(again.seen())
        .isEqualTo("not asked; the last failure was " + reason + ", 0 attempts");
    assertThat(again.notes())
        .contains(
            "The last failed attempt was at %s: status %d, without error, body empty or unread."
                .formatted(clock.instant(), status))
        .anyMatch(
            note ->
                note.endsWith(
                    "status %d without content type and Retry-After 20 s.".formatted(status)));
    // The guard keeps real time.
    assertThat(again.retryAfter()).isGreaterThan(Duration.ofSeconds(10));
    assertThat(upstream.asked()).hasSize(1);
  }

  @Test
  void equal_definitions_share_an_upstream_during_and_after_use() {
    UpstreamDefinition definition = TestUpstreams.at(upstream.uri("/token"));
    Upstream first = upstreams.of(definition);

    assertThat(upstreams.of(TestUpstreams.at(upstream.uri("/token")))).isSameAs(first);
    assertThat(upstreams.inUse()).containsExactly(first);
    upstreams.retain(Set.of());
    assertThat(upstreams.inUse()).isEmpty();
    assertThat(upstreams.of(definition)).isSameAs(first);
  }

  @Test
  void a_full_document_of_them_is_the_same_when_it_returns() {
    List<UpstreamDefinition> named =
        IntStream.range(0, Upstreams.MAX_NAMED)
            .mapToObj(number -> TestUpstreams.at(upstream.uri("/token/" + number)))
            .toList();
    List<Upstream> before = named.stream().map(upstreams::of).toList();

    upstreams.retain(Set.of());

    assertThat(named.stream().map(upstreams::of).toList().equals(before)).isTrue();
  }

  @Test
  void an_upstream_that_is_no_longer_used_ends_what_it_has_begun() {
    Upstream dropped = upstreams.of(TestUpstreams.at(upstream.uri("/token")));
    upstreams.retain(Set.of());

    accepted(exchange(dropped, ExchangeGrants.of(PLAIN)));
  }

  @Test
  void a_grant_of_a_minted_token_is_a_bug_here() {
    assertThatThrownBy(() -> exchange(Grants.of("orders", "repo:acme")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Reply scoped(String scopes) {
    return FakeUpstream.json(
        200,
        "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":300,\"scope\":\"%s\"}"
            .formatted(scopes));
  }

  /** That reply, so much later by the clock. */
  private Reply after(Duration time, Reply reply) {
    return connection -> {
      clock.advance(time);
      reply.write(connection);
    };
  }

  private Trail.Finding finding() {
    return trail.findings().stream()
        .filter(finding -> finding.step() == Step.UPSTREAM)
        .findFirst()
        .orElseThrow();
  }

  private UpstreamDefinition discovered(ClientAuthentication authentication) {
    return TestUpstreams.of(
        upstream.origin(), null, UpstreamGrant.TOKEN_EXCHANGE, authentication, null);
  }

  private static Grant until(Instant end) {
    return ExchangeGrants.of(PLAIN, List.of(), null, end);
  }

  private Outcome<IssuedToken> exchange() {
    return exchange(ExchangeGrants.of(PLAIN));
  }

  private Outcome<IssuedToken> exchange(Grant grant) {
    return exchange(upstreams.of(TestUpstreams.at(upstream.uri("/token"))), grant);
  }

  private Outcome<IssuedToken> exchange(Upstream asked, Grant grant) {
    return asked.exchange(
        "key", grant, CREDENTIAL, clock.instant(), Deadline.after(PATIENCE), trail);
  }

  /** For another key than all others. */
  private Outcome<IssuedToken> exchange(Upstream asked, Deadline deadline) {
    return asked.exchange(
        "another", ExchangeGrants.of(PLAIN), CREDENTIAL, clock.instant(), deadline, new Trail());
  }

  private Upstreams upstreams(GuardSettings guards) {
    return TestUpstreams.of(PeerClients.loopback(vertx, PATIENCE), guards, clock);
  }
}
