package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers whose credential is their client's assertion, and requests that name no target. */
class StatedClientTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(11);
  private static final String SUBJECT = "repo:acme/payments:ref:refs/heads/main";
  private static final String GOOD = credential("\"azp\":\"app\",\"client_id\":\"job\"");

  private final TestClock clock = new TestClock();
  private final GatedVerifier verifier = new GatedVerifier(clock);
  private final IssuedTokens tokens = TestExchange.tokens(clock);
  private final Queue<Runnable> started = new ArrayDeque<>();
  private final TokenExchange exchange;

  @TempDir Path directory;

  StatedClientTest(@TempDir Path directory) {
    exchange = exchange(directory, ISSUER.federation()).build();
  }

  private TestExchange exchange(Path directory, String document) {
    return TestExchange.by(TestExchange.federation(directory, document, clock), clock, List.of())
        .verifier(verifier)
        .tokens(tokens);
  }

  /** The same with a client that proves itself by the credential. */
  private static String registered(String document) {
    return document
        + "clients:\n  - {name: payer, issuer: acme, subject: '%s', may: [exchange]}\n"
            .formatted(SUBJECT);
  }

  private static String credential(String more) {
    return ISSUER.sign(
        """
        {"iss":"%s","sub":"%s","aud":"%s","exp":%d,"repository":"acme/payments",%s}"""
            .formatted(
                SeededIssuer.ISSUER,
                SUBJECT,
                SeededIssuer.AUDIENCE,
                TestClock.START.getEpochSecond() + 540,
                more));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", SUBJECT, "app", "job"})
  void get_the_one_token_of_the_credential_by_each_id_that_it_has(String id) {
    String first = token(ask(request("payments-api", GOOD))).value();
    Exchanged ended = ask(of(id, GOOD));

    assertThat(token(ended).value()).isEqualTo(first);
    assertThat(verifier.threads()).hasSize(1);
    assertThat(result(ended, Step.CLIENT)).isEqualTo(id.isEmpty() ? Result.SKIPPED : Result.PASSED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"App", "app ", "other", "https://issuer.example", "5"})
  void are_refused_with_another_id_and_have_nothing_cached(String id) {
    Exchanged ended = ask(of(id, credential("\"azp\":\"app\",\"client_id\":5")));

    assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.CLIENT_MISMATCH);
    assertThat(failed(ended.verdict())).isEqualTo(Step.CLIENT);
    assertThat(ended.verdict().rule()).isNull();
    assertThat(tokens.status().entries()).isZero();
  }

  @Test
  void are_refused_with_another_id_where_the_token_is_held_too() {
    token(ask(request("payments-api", GOOD)));

    assertThat(ask(of("other", GOOD)).verdict().reason()).isEqualTo(RefusalReason.CLIENT_MISMATCH);
    token(ask(of("app", GOOD)));
    assertThat(verifier.threads()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void share_one_evaluation_and_token_by_the_name_of_their_client(boolean byCredential) {
    TokenExchange queued =
        exchange(directory, registered(ISSUER.federation())).threads(started::add).build();
    List<CompletionStage<Exchanged>> asked =
        List.of(
                of("payer", GOOD, byCredential),
                request("payments-api", GOOD),
                of("payer", GOOD, byCredential))
            .stream()
            .map(asking -> queued.exchange(asking, TestExchange.enough(), Runnable::run))
            .toList();
    while (!started.isEmpty()) {
      started.remove().run();
    }

    String first = token(Endings.now(asked.getFirst())).value();
    assertThat(asked).allMatch(each -> token(Endings.now(each)).value().equals(first));
    assertThat(verifier.threads()).hasSize(1);
    assertThat(tokens.status().entries()).isOne();
    Exchanged again =
        Endings.now(
            queued.exchange(of("payer", GOOD, byCredential), TestExchange.enough(), Runnable::run));
    assertThat(token(again).value()).isEqualTo(first);
    assertThat(result(again, Step.CLIENT)).isEqualTo(Result.PASSED);
  }

  @Test
  void share_nothing_by_a_client_name_that_is_not_proved() {
    TokenExchange strict = exchange(directory, registered(ISSUER.federation())).build();
    String others = ISSUER.credential("acme/else");

    for (boolean byCredential : new boolean[] {true, false}) {
      Verdict verdict = TestExchange.exchange(strict, of("payer", others, byCredential)).verdict();
      assertThat(verdict.reason())
          .isEqualTo(
              byCredential ? RefusalReason.CLIENT_MISMATCH : RefusalReason.CLIENT_UNAUTHENTICATED);
      assertThat(failed(verdict)).isEqualTo(Step.CLIENT);
    }
    assertThat(tokens.status().entries()).isZero();
  }

  @Test
  void learn_nothing_of_the_id_before_the_signature_is_verified() {
    String forged = GOOD.substring(0, GOOD.length() - 6) + "AAAAAA";

    for (String id : List.of("app", "other")) {
      Verdict verdict = ask(of(id, forged)).verdict();
      assertThat(verdict.reason()).isEqualTo(RefusalReason.SIGNATURE_INVALID);
      assertThat(result(verdict, Step.CLIENT)).isEqualTo(Result.SKIPPED);
    }
  }

  @Test
  void are_not_refused_for_the_id_of_another_concurrent_caller() {
    TokenExchange queued = exchange(directory, ISSUER.federation()).threads(started::add).build();
    List<CompletionStage<Exchanged>> asked =
        List.of(of("other", GOOD), of("app", GOOD), request("payments-api", GOOD)).stream()
            .map(asking -> queued.exchange(asking, TestExchange.enough(), Runnable::run))
            .toList();
    while (!started.isEmpty()) {
      started.remove().run();
    }

    assertThat(Endings.now(asked.get(0)).verdict().reason())
        .isEqualTo(RefusalReason.CLIENT_MISMATCH);
    assertThat(token(Endings.now(asked.get(1))).value())
        .isEqualTo(token(Endings.now(asked.get(2))).value());
    assertThat(verifier.threads()).hasSize(2);
  }

  @Test
  void use_up_a_credential_for_once_only_by_the_right_id_alone() {
    TokenExchange once = exchange(directory, ISSUER.federation("once: true")).build();

    assertThat(TestExchange.exchange(once, of("other", GOOD)).verdict().reason())
        .isEqualTo(RefusalReason.CLIENT_MISMATCH);
    token(TestExchange.exchange(once, of("app", GOOD)));
    assertThat(TestExchange.exchange(once, of("app", GOOD)).verdict().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void get_the_default_target_of_the_issuer_and_the_verdict_says_so() {
    TokenExchange defaulting = defaulting();

    for (int time = 0; time < 2; time++) {
      Verdict verdict = TestExchange.exchange(defaulting, request("", GOOD)).verdict();
      assertThat(verdict.accepted()).isTrue();
      assertThat(verdict.target()).isEqualTo("payments-api");
      assertThat(verdict.notes()).anyMatch(note -> note.contains("defaultAudience"));
    }
    Verdict named = TestExchange.exchange(defaulting, request("payments-api", GOOD)).verdict();
    assertThat(named.notes()).noneMatch(note -> note.contains("defaultAudience"));
    assertThat(TestExchange.explain(defaulting, request("", GOOD)).target())
        .isEqualTo("payments-api");
  }

  @Test
  void learn_no_default_target_with_an_unverified_credential() {
    String forged = GOOD.substring(0, GOOD.length() - 6) + "AAAAAA";

    Verdict verdict = TestExchange.exchange(defaulting(), request("", forged)).verdict();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.SIGNATURE_INVALID);
    assertThat(verdict.target()).isEmpty();
    assertThat(verdict.toString()).doesNotContain("payments-api");
    assertThat(ask(request("", GOOD)).verdict().reason())
        .as("no issuer has a default")
        .isEqualTo(RefusalReason.REQUEST_INVALID);
  }

  private TokenExchange defaulting() {
    return exchange(directory, ISSUER.federation("defaultAudience: payments-api")).build();
  }

  private Exchanged ask(ExchangeRequest asking) {
    return TestExchange.exchange(exchange, asking);
  }

  private static Result result(Exchanged ended, Step step) {
    return result(ended.verdict(), step);
  }

  private static Result result(Verdict verdict, Step step) {
    return verdict.steps().stream()
        .filter(finding -> finding.step() == step)
        .findFirst()
        .orElseThrow()
        .result();
  }

  private static ExchangeRequest of(String id, String credential) {
    return of(id, credential, true);
  }

  private static ExchangeRequest of(String id, String credential, boolean byCredential) {
    return request("payments-api", credential, new PresentedClient(id, null, "", "", byCredential));
  }
}
