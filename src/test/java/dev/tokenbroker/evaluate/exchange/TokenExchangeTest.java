package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.failed;
import static dev.tokenbroker.evaluate.exchange.cache.Endings.token;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.edges.telemetry.ExchangeMeters;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord.HandedToken;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.TokenTraces;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TokenExchangeTest {

  /** Taken only where a client or a proof was sent, or a token is held. */
  private static final Set<Step> UNASKED = Set.of(Step.CLIENT, Step.PROOF, Step.REVIEW, Step.CACHE);

  private static final SeededIssuer ISSUER = new SeededIssuer(1);
  private static final String GOOD = ISSUER.credential("acme/payments");
  private static final ExchangeRequest ASKED = request("payments-api", GOOD);
  private static final String SECRET = "a-piece-of-the-credential";

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = new ArrayList<>();
  private final Federation federation;
  private TokenExchange exchange;

  TokenExchangeTest(@TempDir Path directory) {
    federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    exchange = by(records::add).build();
  }

  /** One thing broken in a request that would be granted, and where that is noticed. */
  static List<Arguments> broken() {
    String rest = GOOD.substring(GOOD.indexOf('.'));
    return List.of(
        broken("no audience", "", GOOD, RefusalReason.REQUEST_INVALID, Step.REQUEST),
        broken("no credential", "payments-api", "", RefusalReason.REQUEST_INVALID, Step.REQUEST),
        argumentSet(
            "an actor",
            request("payments-api", GOOD, "", true),
            RefusalReason.ACTOR_NOT_SUPPORTED,
            Step.REQUEST),
        argumentSet(
            "another type",
            request("payments-api", GOOD, "urn:ietf:params:oauth:token-type:saml2", false),
            RefusalReason.CREDENTIAL_TYPE_NOT_SUPPORTED,
            Step.REQUEST),
        broken("no JWT", "payments-api", "x", RefusalReason.CREDENTIAL_MALFORMED, Step.FORMAT),
        broken(
            "a stranger",
            "payments-api",
            signed("\"https://issuer.example\"", "\"https://nobody.example\""),
            RefusalReason.ISSUER_UNKNOWN,
            Step.ISSUER),
        broken(
            "another algorithm",
            "payments-api",
            SeededIssuer.encode("{\"alg\":\"PS256\",\"kid\":\"k-1\"}") + rest,
            RefusalReason.ALGORITHM_NOT_ALLOWED,
            Step.ALGORITHM),
        broken(
            "another key",
            "payments-api",
            SeededIssuer.encode("{\"alg\":\"RS256\",\"kid\":\"k-2\"}") + rest,
            RefusalReason.KEY_UNKNOWN,
            Step.KEY),
        broken(
            "another signature",
            "payments-api",
            GOOD.substring(0, GOOD.length() - 8) + "AAAAAAAA",
            RefusalReason.SIGNATURE_INVALID,
            Step.SIGNATURE),
        broken(
            "expired",
            "payments-api",
            ISSUER.credential("acme/payments", TestClock.START.getEpochSecond() - 60),
            RefusalReason.CREDENTIAL_EXPIRED,
            Step.TIME),
        broken(
            "for somebody else",
            "payments-api",
            signed("\"https://broker.example\"", "\"https://other.example\""),
            RefusalReason.AUDIENCE_MISMATCH,
            Step.AUDIENCE),
        broken("no such target", "nowhere", GOOD, RefusalReason.TARGET_UNKNOWN, Step.TARGET),
        broken(
            "no rule",
            "payments-api",
            ISSUER.credential("acme/docs"),
            RefusalReason.NO_RULE_MATCHED,
            Step.RULE),
        broken(
            "a disabled rule",
            "payments-api",
            ISSUER.credential("acme/closed"),
            RefusalReason.RULE_DISABLED,
            Step.RULE),
        argumentSet(
            "a scope too many",
            request("payments-api", GOOD, "read", "delete"),
            RefusalReason.SCOPE_NOT_GRANTED,
            Step.SCOPES));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void takes_the_steps_in_order_up_to_the_one_that_fails(
      ExchangeRequest request, RefusalReason reason, Step step) {
    Verdict verdict = TestExchange.exchange(exchange, request).verdict();

    assertThat(verdict.reason()).isEqualTo(reason);
    assertThat(verdict.steps()).extracting(Finding::step).containsExactly(Step.values());
    for (Finding finding : verdict.steps()) {
      int side = finding.step().compareTo(step);
      assertThat(finding.result())
          .as(finding.step().label())
          .isEqualTo(
              side == 0
                  ? Result.FAILED
                  : side > 0 || UNASKED.contains(finding.step()) ? Result.SKIPPED : Result.PASSED);
    }
    assertThat(records).singleElement().extracting(ExchangeRecord::token).isNull();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void explains_a_refusal_as_it_would_end(ExchangeRequest request) {
    Verdict exchanged = TestExchange.exchange(exchange, request).verdict();

    Verdict explained = TestExchange.explain(exchange, request);

    assertThat(explained)
        .usingRecursiveComparison()
        .ignoringFields("id", "intent", "steps.nanos")
        .isEqualTo(exchanged);
    assertThat(explained.intent()).isEqualTo(Intent.EXPLAIN);
  }

  @Test
  void explains_a_grant_by_the_same_steps_but_for_the_token() {
    ExchangeRequest request = request("payments-api", GOOD, "read");
    Verdict exchanged = TestExchange.exchange(exchange, request).verdict();

    Verdict explained = TestExchange.explain(exchange, request);

    assertThat(explained.accepted()).isTrue();
    int mint = Step.all().indexOf(Step.MINT);
    assertThat(explained.steps().subList(0, mint))
        .usingRecursiveComparison()
        .ignoringFields("nanos")
        .isEqualTo(exchanged.steps().subList(0, mint));
    assertThat(explained.steps().get(mint).result()).isEqualTo(Result.SKIPPED);
    assertThat(exchanged.steps().get(mint).result()).isEqualTo(Result.PASSED);
    assertThat(records.getFirst().token()).isNotNull();
    assertThat(records.getLast().token()).isNull();
  }

  /** The verdict where more explanations are under way than may be: the bulkhead asks for it. */
  @Test
  void records_an_explanation_over_the_limit_and_judges_nothing() {
    Verdict verdict = exchange.explainLater(ASKED, null, enough()).verdict();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(verdict.intent()).isEqualTo(Intent.EXPLAIN);
    assertThat(verdict.isShed()).isTrue();
    assertThat(records).extracting(ExchangeRecord::verdict).containsExactly(verdict);
  }

  @Test
  void records_an_accepted_exchange_before_it_answers() {
    Exchanged ended = TestExchange.exchange(exchange, request("payments-api", GOOD, "read"));

    IssuedToken token = token(ended);
    ExchangeRecord record = records.getFirst();
    assertThat(records).hasSize(1);
    assertThat(record.verdict()).isSameAs(ended.verdict());
    assertThat(record.credentialSubject()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(record.credentialDigest()).isEqualTo(CredentialDigest.of(GOOD).prefix());
    assertThat(record.token())
        .isEqualTo(
            new HandedToken(token.id(), "repo:acme/payments", List.of("read"), token.expireTime()));
    assertThat(record.peer()).isEqualTo("192.0.2.7");
    assertThat(record.verdict().rule()).isEqualTo("deploy-payments");
    assertThat(record.verdict().federationRevision()).isEqualTo(federation.revision());
  }

  @Test
  void does_nothing_once_the_deadline_has_passed() {
    Exchanged ended = TestExchange.exchange(exchange, ASKED, Deadline.after(Duration.ofMillis(-1)));

    assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(failed(ended.verdict())).isEqualTo(Step.ADMISSION);
    assertThat(records).singleElement().extracting(ExchangeRecord::token).isNull();
  }

  @Test
  void refuses_everything_until_a_federation_is_loaded() {
    exchange = TestExchange.by(null, clock, List.of(records::add)).build();

    Verdict verdict = ask().verdict();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.FEDERATION_NOT_LOADED);
    assertThat(verdict.federationRevision()).isEmpty();
    assertThat(records).hasSize(1);
  }

  @Test
  void keeps_to_the_refusal_of_a_minter_without_a_key() {
    exchange =
        by(records::add)
            .minter(_ -> Outcome.refused(Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE)))
            .build();

    Exchanged ended = ask();

    assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.SIGNING_KEY_UNAVAILABLE);
    assertThat(failed(ended.verdict())).isEqualTo(Step.MINT);
    assertThat(records).singleElement().extracting(ExchangeRecord::token).isNull();
  }

  @Test
  void a_token_ends_with_its_credential_at_the_latest() {
    String ending =
        ISSUER.credential("acme/payments", TestClock.START.plusSeconds(45).getEpochSecond());

    IssuedToken token = token(TestExchange.exchange(exchange, request("payments-api", ending)));

    assertThat(token.expireTime()).isEqualTo(TestClock.START.plusSeconds(45));
  }

  @Test
  void a_token_for_a_credential_in_the_leeway_ends_with_the_leeway() {
    String late =
        ISSUER.credential("acme/payments", TestClock.START.minusSeconds(30).getEpochSecond());

    IssuedToken token = token(TestExchange.exchange(exchange, request("orders", late)));

    assertThat(token.expireTime()).isEqualTo(TestClock.START.plusSeconds(30));
  }

  /** A verifier with a bug in it: throws what it is given, with a secret in its message. */
  private record Faulty(BooleanSupplier accepts, BiFunction<String, Trail, Throwable> bug)
      implements CredentialVerifier {
    @Override
    public boolean accepts(String tokenType) {
      return accepts.getAsBoolean();
    }

    @Override
    public Optional<UnverifiedIdentity> named(
        PresentedCredential credential, TrustedIssuers issuers) {
      return Optional.empty();
    }

    @Override
    public boolean saysClient(
        PresentedCredential credential,
        PresentedClient stated,
        TrustedIssuers issuers,
        RegisteredClients clients) {
      return true;
    }

    @Override
    public Outcome<VerifiedIdentity> verify(
        PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail) {
      Throwable thrown = bug.apply(SECRET, trail);
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }
  }

  static List<BiFunction<String, Trail, Throwable>> bugs() {
    return List.of(
        (secret, _) -> new IllegalStateException(secret, new IllegalArgumentException(secret)),
        (_, _) -> new StackOverflowError(SECRET),
        (secret, _) -> new NoClassDefFoundError(secret),
        (secret, _) -> new InternalError(secret),
        (secret, trail) -> {
          trail.passed(Step.FORMAT, "", "");
          return new IllegalStateException(secret);
        });
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void records_and_logs_a_bug_once_without_its_message(BiFunction<String, Trail, Throwable> bug) {
    exchange = by(records::add).verifier(new Faulty(() -> true, bug)).build();
    try (CapturedLog log = new CapturedLog()) {
      Exchanged ended = ask();

      assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(ended.toString()).doesNotContain(SECRET);
      assertThat(records).extracting(ExchangeRecord::verdict).containsExactly(ended.verdict());
      assertThatItIsLoggedOnce(log, ended, "Faulty");
    }
  }

  @Test
  void a_bug_before_anything_is_judged_is_recorded_too() {
    BooleanSupplier broken = () -> Unchecked.raise(new InternalError(SECRET));
    exchange =
        by(records::add)
            .verifier(new Faulty(broken, (_, _) -> new AssertionError("nothing is judged")))
            .build();
    try (CapturedLog log = new CapturedLog()) {
      Exchanged ended = ask();

      assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(records).extracting(ExchangeRecord::verdict).containsExactly(ended.verdict());
      assertThatItIsLoggedOnce(log, ended, "TokenExchangeTest");
    }
  }

  @Test
  void a_bug_is_laid_to_the_step_that_was_under_way() {
    exchange = by(records::add).verifier(new Faulty(() -> true, bugs().getLast())).build();

    Verdict verdict = TestExchange.explain(exchange, ASKED);

    assertThat(failed(verdict)).isEqualTo(Step.ISSUER);
  }

  @Test
  void an_observer_that_fails_keeps_nobody_from_being_told() {
    ExchangeObserver failing = _ -> Unchecked.raise(new IllegalStateException(SECRET));
    exchange = by(failing, records::add).build();
    try (CapturedLog log = new CapturedLog()) {
      Exchanged ended = ask();

      accepted(ended.outcome());
      assertThat(records).hasSize(1);
      assertThatItIsLoggedOnce(log, ended, "TokenExchangeTest");
    }
  }

  @Test
  void refuses_and_counts_what_it_cannot_record_and_tells_operators() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Verdicts verdicts = new Verdicts(Settings.defaults(ExchangeSettings.class), clock);
    exchange = by(new ExchangeMeters(registry), verdicts, records::add, new Forgetful()).build();
    try (CapturedLog log = new CapturedLog()) {
      Exchanged ended = ask();

      assertThat(ended.outcome()).isInstanceOf(Outcome.Refused.class);
      assertThat(ended.outcome().toString()).contains("INTERNAL_ERROR").doesNotContain(GOOD);
      assertThat(ended.verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(verdicts.find(ended.verdict().id())).contains(ended.verdict());
      assertThat(ended.verdict().notes()).last().asString().contains("accepted", "audit record");
      assertThat(records)
          .singleElement()
          .satisfies(record -> assertThat(record.verdict()).isEqualTo(ended.verdict()))
          .satisfies(record -> assertThat(record.token()).isNull());
      assertThat(registry.get("tokenbroker.refusals").tag("reason", "INTERNAL_ERROR").counter())
          .satisfies(counter -> assertThat(counter.count()).isEqualTo(1));
      assertThat(registry.find("tokenbroker.tokens.issued").counters()).isEmpty();
      assertThatItIsLoggedOnce(log, ended, "Forgetful");
    }
  }

  @Test
  void refuses_an_explanation_that_it_cannot_record_without_details() {
    exchange = by(new Forgetful(), records::add).build();
    try (CapturedLog log = new CapturedLog()) {
      Verdict verdict = TestExchange.explain(exchange, ASKED);

      assertThat(verdict.reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(verdict.steps()).isEmpty();
      assertThat(verdict.issuer()).isNull();
      assertThat(records)
          .singleElement()
          .satisfies(record -> assertThat(record.verdict().id()).isEqualTo(verdict.id()))
          .satisfies(record -> assertThat(record.verdict().reason()).isEqualTo(verdict.reason()));
      assertThat(log.taken()).hasSize(1);
    }
  }

  /** A full disk may last for hours, at thousands of calls a second. */
  @Test
  void an_observer_whose_output_fails_has_logged_that_itself() {
    IOException full = new IOException("No space left on device");
    exchange =
        by(
                new Keeping(() -> CompletableFuture.failedStage(new UncheckedIOException(full))),
                records::add)
            .build();
    try (CapturedLog log = new CapturedLog()) {
      assertThat(ask().verdict().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(records).hasSize(1);
      assertThat(log.taken()).isEmpty();
    }
  }

  private static void assertThatItIsLoggedOnce(CapturedLog log, Exchanged ended, String detail) {
    assertThat(log.taken())
        .singleElement()
        .extracting(CapturedLog.Entry::text)
        .asString()
        .contains(ended.verdict().id(), detail)
        .doesNotContain(SECRET);
  }

  /** Fails where records are to be kept. */
  private static final class Forgetful implements ExchangeObserver {

    @Override
    public void ended(ExchangeRecord record) {}

    @Override
    public CompletionStage<Void> keep(ExchangeRecord record) {
      throw new IllegalStateException(SECRET);
    }
  }

  @Test
  void keeps_a_credential_out_of_the_verdict_wherever_it_was_put() {
    ExchangeRequest swapped = request(GOOD, "payments-api");
    ExchangeRequest mistyped = request("payments-api", GOOD, GOOD, false);

    TestExchange.exchange(exchange, swapped);
    TestExchange.exchange(exchange, mistyped);

    assertThat(records)
        .hasSize(2)
        .noneMatch(record -> TokenTraces.shownIn(record.toString(), GOOD));
  }

  @Test
  void keeps_little_of_an_audience_that_is_a_flood() {
    Verdict verdict = TestExchange.explain(exchange, request("x".repeat(200_000), GOOD));

    assertThat(verdict.target()).hasSize(Refusal.MAX_EVIDENCE_CHARS);
  }

  private static Arguments broken(
      String name, String audience, String credential, RefusalReason reason, Step step) {
    return argumentSet(name, request(audience, credential), reason, step);
  }

  private static String signed(String claim, String other) {
    String payload = new String(Base64.getUrlDecoder().decode(GOOD.split("\\.", -1)[1]), UTF_8);
    return ISSUER.sign(payload.replace(claim, other));
  }

  private TestExchange by(ExchangeObserver... observers) {
    return TestExchange.by(federation, clock, List.of(observers));
  }

  private Exchanged ask() {
    return TestExchange.exchange(exchange, ASKED);
  }
}
