package dev.tokenbroker.edges.grpc;

import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_ANSWER_MALFORMED;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_CLIENT_REFUSED;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_CREDENTIAL_REFUSED;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_NOT_PERMITTED;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_REQUEST_REFUSED;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_THROTTLED;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_TOKEN_UNUSABLE;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_UNAVAILABLE;
import static dev.tokenbroker.base.refusal.RefusalReason.UPSTREAM_UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.edges.edge.CandidateProfile;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.exchange.Verdicts;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A target whose tokens an upstream makes, from the call of a workload to the socket and back. */
@QuarkusTest
@TestProfile(CandidateProfile.class)
class UpstreamExchangeLiveTest {

  /** Stands in each body of a refusal, and must not come out anywhere. */
  private static final String UNTOLD = "c0nfidential";

  /** The description of each error. */
  private static final String FOR_OPERATORS = "the client has no such audience";

  /** A life so long that the moment of its refresh can be passed for sure without its end. */
  private static final Duration LONG_LIFE = Duration.ofSeconds(80_000);

  @Inject Federations federations;
  @Inject Verdicts verdicts;
  @Inject IssuedTokens shared;
  @Inject MovableClock clock;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final AuditLines audit = new AuditLines();
  private final List<FakeUpstream> started = new ArrayList<>();
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    client = BrokerClient.plaintext(GrpcPort.current());
    issuer.clock(clock);
  }

  @AfterEach
  void stop() {
    started.forEach(FakeUpstream::close);
  }

  @Test
  void gives_the_caller_the_token_that_the_upstream_makes() {
    FakeUpstream upstream =
        upstream(
            _ ->
                FakeUpstream.json(
                    200,
                    "{\"access_token\":\"theirs\",\"token_type\":\"Bearer\",\"expires_in\":120,"
                        + "\"scope\":\"read\","
                        + "\"issued_token_type\":\"urn:ietf:params:oauth:token-type:jwt\"}"));
    Instant before = clock.instant();
    String credential = issuer.credential();

    ExchangeTokenResponse token = client.exchange(request(credential)).granted();

    assertThat(token.getAccessToken()).isEqualTo("theirs");
    assertThat(token.getTokenType()).isEqualTo("Bearer");
    assertThat(token.getIssuedTokenType()).isEqualTo("urn:ietf:params:oauth:token-type:jwt");
    assertThat(token.getScopesList()).containsExactly("read");
    assertThat(expireTime(token))
        .isBetween(before.plusSeconds(119), clock.instant().plusSeconds(120));
    assertThat(Instant.ofEpochSecond(token.getRefreshTime().getSeconds()))
        .isBetween(before.plusSeconds(59), clock.instant().plusSeconds(97));
    assertThat(upstream.asked())
        .singleElement()
        .satisfies(
            asked ->
                assertThat(asked.parameters())
                    .contains(
                        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
                        "subject_token=" + credential,
                        "scope=deploy read"));
  }

  @Test
  void verdict_and_audit_log_say_where_the_token_is_from() {
    upstream(_ -> FakeUpstream.token());

    ExchangeTokenResponse token = client.exchange(request(issuer.credential())).granted();

    Verdict verdict = verdicts.find(token.getVerdictId()).orElseThrow();
    assertThat(verdict.accepted()).isTrue();
    assertThat(verdict.rule()).isEqualTo("corp-sso-exchanged");
    assertThat(steps(verdict, Result.PASSED)).contains(Step.SIGNATURE, Step.RULE, Step.UPSTREAM);
    assertThat(steps(verdict, Result.SKIPPED)).contains(Step.MINT);
    assertThat(finding(verdict, Step.UPSTREAM).seen()).endsWith("1 attempt");
    assertThat(verdict.notes()).anyMatch(note -> note.contains("corp-sso: circuit CLOSED"));
    assertThat(audit.with(token.getVerdictId()))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line)
                    .contains("\"outcome\":\"accepted\"", "\"target\":\"corp-sso\"", "\"token_id\"")
                    .doesNotContain("opaque"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void tells_what_the_upstream_answers(Reply reply, RefusalReason reason, long pushbackAtLeast) {
    upstream(_ -> reply);

    Answer answer = client.exchange(request(issuer.credential()));

    assertThat(answer.reason()).isEqualTo(reason.name());
    assertThat(answer.code()).isEqualTo(RefusalStatus.code(reason));
    if (pushbackAtLeast < 0) {
      assertThat(answer.pushback()).isEqualTo("-1");
      assertThat(answer.retryInfo()).isFalse();
    } else {
      assertThat(Long.parseLong(answer.pushback())).isGreaterThanOrEqualTo(pushbackAtLeast);
      assertThat(answer.retryInfo()).isTrue();
    }
    String id = answer.facts().getOrDefault("verdict_id", "");
    Verdict verdict = verdicts.find(id).orElseThrow();
    assertThat(steps(verdict, Result.FAILED)).containsExactly(Step.UPSTREAM);
    assertThat(answer.facts().toString()).doesNotContain(UNTOLD).doesNotContain(FOR_OPERATORS);
    assertThat(verdict.toString()).doesNotContain(UNTOLD);
    assertThat(audit.with(id))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line)
                    .contains("\"reason\":\"" + reason + "\"", "\"failed_step\":\"upstream\"")
                    .doesNotContain(UNTOLD));
  }

  @Test
  void operators_see_the_description_of_an_error_in_the_verdict() {
    upstream(_ -> error(400, "invalid_target"));

    Answer answer = client.exchange(request(issuer.credential()));

    Verdict verdict = verdicts.find(answer.facts().getOrDefault("verdict_id", "")).orElseThrow();
    assertThat(verdict.notes()).contains("Its error_description is: " + FOR_OPERATORS);
    assertThat(verdict.disclosedTo(Verdict.Reader.CALLER).toString()).doesNotContain(FOR_OPERATORS);
  }

  /** The code of each reason is as RefusalStatusTest holds it to the document. */
  static List<Arguments> refusals() {
    return List.of(
        argumentSet(
            "the broker as its client", error(401, "invalid_client"), UPSTREAM_CLIENT_REFUSED, -1L),
        argumentSet(
            "the credential", error(400, "invalid_grant"), UPSTREAM_CREDENTIAL_REFUSED, -1L),
        argumentSet("the exchange", error(403, "access_denied"), UPSTREAM_NOT_PERMITTED, -1L),
        argumentSet(
            "what is asked for", error(400, "invalid_target"), UPSTREAM_REQUEST_REFUSED, -1L),
        argumentSet("503", error(503, "temporarily_unavailable"), UPSTREAM_UNAVAILABLE, 1L),
        argumentSet(
            "429, and when to come back",
            Reply.of(429, Map.of("Retry-After", "20"), "{\"key\":\"" + UNTOLD + "\"}"),
            UPSTREAM_THROTTLED,
            20_000L),
        argumentSet("a reset", FakeUpstream.reset(), UPSTREAM_UNREACHABLE, 1L),
        argumentSet(
            "a web page",
            Reply.of(200, Map.of("Content-Type", "text/html"), "<p>" + UNTOLD),
            UPSTREAM_ANSWER_MALFORMED,
            1L),
        argumentSet("a token that has ended", token(UNTOLD, 0), UPSTREAM_TOKEN_UNUSABLE, 5_000L),
        argumentSet(
            "a token that outlives the credential",
            token(UNTOLD, 3_600),
            UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL,
            -1L));
  }

  @Test
  void asks_nobody_for_a_token_that_is_held() {
    FakeUpstream upstream = upstream(_ -> FakeUpstream.token());
    ExchangeTokenRequest request = request(issuer.credential());
    ExchangeTokenResponse first = client.exchange(request).granted();

    for (int at = 0; at < 20; at++) {
      ExchangeTokenResponse again = client.exchange(request).granted();
      assertThat(again.getAccessToken()).isEqualTo(first.getAccessToken());
      assertThat(again.getExpireTime()).isEqualTo(first.getExpireTime());
      assertThat(again.getVerdictId()).isNotEqualTo(first.getVerdictId());
      assertThat(audit.with(again.getVerdictId())).hasSize(1);
      assertThat(finding(verdicts.find(again.getVerdictId()).orElseThrow(), Step.CACHE).seen())
          .endsWith(first.getVerdictId());
    }

    assertThat(upstream.asked()).hasSize(1);
  }

  @Test
  void asks_anew_for_another_credential() {
    FakeUpstream upstream = upstream(_ -> FakeUpstream.token());

    client.exchange(request(issuer.credential())).granted();
    client
        .exchange(request(issuer.credential(claims -> claims.put("run_id", "another"))))
        .granted();

    assertThat(upstream.asked()).hasSize(2);
  }

  @Test
  void does_not_repeat_a_request_for_seconds_after_a_definite_no() {
    AtomicInteger calls = new AtomicInteger();
    FakeUpstream upstream =
        upstream(
            _ -> calls.incrementAndGet() == 1 ? error(400, "invalid_grant") : FakeUpstream.token());
    ExchangeTokenRequest request = request(issuer.credential());
    Answer first = client.exchange(request);

    Answer again = client.exchange(request);

    assertThat(again.reason()).isEqualTo(first.reason()).isEqualTo("UPSTREAM_CREDENTIAL_REFUSED");
    assertThat(again.code()).isEqualTo(first.code());
    assertThat(again.pushback()).isEqualTo("-1");
    assertThat(upstream.asked()).hasSize(1);
    String id = again.facts().getOrDefault("verdict_id", "");
    assertThat(steps(verdicts.find(id).orElseThrow(), Result.FAILED)).containsExactly(Step.CACHE);

    clock.advance(Duration.ofSeconds(10));
    client.exchange(request).granted();
    assertThat(upstream.asked()).hasSize(2);
  }

  @Test
  void does_not_keep_the_trouble_of_an_upstream_that_is_over() {
    AtomicInteger calls = new AtomicInteger();
    upstream(
        _ ->
            calls.incrementAndGet() == 1
                ? Reply.of(200, Map.of("Content-Type", "text/html"), "<p>back soon")
                : FakeUpstream.token());
    ExchangeTokenRequest request = request(issuer.credential());

    assertThat(client.exchange(request).reason()).isEqualTo("UPSTREAM_ANSWER_MALFORMED");
    client.exchange(request).granted();
  }

  @Test
  void makes_a_token_anew_once_in_the_background_before_it_ends() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Latch second = new Latch(1);
    FakeUpstream upstream =
        upstream(
            _ -> {
              int call = calls.incrementAndGet();
              return connection -> {
                if (call == 2) {
                  second.await();
                }
                token("token-" + call, LONG_LIFE.toSeconds()).write(connection);
              };
            });
    ExchangeTokenRequest request =
        request(
            issuer.credential(
                claims ->
                    claims.put(
                        "exp", clock.instant().plus(LONG_LIFE.multipliedBy(3)).getEpochSecond())));
    assertThat(client.accessToken(request)).isEqualTo("token-1");
    long refreshes = shared.status().refreshesBegun();
    clock.advance(LONG_LIFE.multipliedBy(4).dividedBy(5).minusSeconds(20));

    try (Callers callers = new Callers(50, GrpcPort.current())) {
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      for (int caller = 0; caller < 50; caller++) {
        answers.add(callers.exchange(caller, request));
      }
      // Nobody waits for the new one, which does not come before all have their answer.
      for (CompletableFuture<Answer> answer : answers) {
        assertThat(answer.get().granted().getAccessToken()).isEqualTo("token-1");
      }
    }
    second.countDown();

    assertThat(Eventually.see(() -> client.accessToken(request), "token-2"::equals))
        .isEqualTo("token-2");
    assertThat(upstream.asked()).hasSize(2);
    assertThat(shared.status().refreshesBegun()).isEqualTo(refreshes + 1);
    assertThat(audit.with("\"intent\":\"refresh\""))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("\"outcome\":\"accepted\""));
  }

  private static Reply token(String name, long seconds) {
    return FakeUpstream.json(
        200,
        "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d}"
            .formatted(name, seconds));
  }

  private FakeUpstream upstream(Function<FakeUpstream.Asked, Reply> script) {
    FakeUpstream upstream = FakeUpstream.start(script);
    started.add(upstream);
    new TestFederation()
        .issuer("good", issuer.issuer())
        .upstream("corp-sso", upstream.origin(), "good")
        .load(federations);
    return upstream;
  }

  private static Reply error(int status, String code) {
    return FakeUpstream.json(
        status,
        "{\"error\":\"%s\",\"error_description\":\"%s\",\"refresh_token\":\"%s\"}"
            .formatted(code, FOR_OPERATORS, UNTOLD));
  }

  private static Instant expireTime(ExchangeTokenResponse token) {
    return Instant.ofEpochSecond(token.getExpireTime().getSeconds());
  }

  private static List<Step> steps(Verdict verdict, Result result) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == result)
        .map(Finding::step)
        .toList();
  }

  private static Finding finding(Verdict verdict, Step step) {
    return verdict.steps().stream().filter(one -> one.step() == step).findAny().orElseThrow();
  }

  private static ExchangeTokenRequest request(String credential) {
    return BrokerClient.exchangeOf("corp-sso", credential);
  }
}
