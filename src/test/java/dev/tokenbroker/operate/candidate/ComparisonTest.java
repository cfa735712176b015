package dev.tokenbroker.operate.candidate;

import static dev.tokenbroker.operate.candidate.TestTrial.DOCUMENT;
import static dev.tokenbroker.operate.cases.CandidateEffect.NEWLY_ACCEPTED;
import static dev.tokenbroker.operate.cases.CandidateEffect.NEWLY_REFUSED;
import static dev.tokenbroker.operate.cases.CandidateEffect.OTHER_GRANT;
import static dev.tokenbroker.operate.cases.CandidateEffect.OTHER_RULE;
import static dev.tokenbroker.operate.cases.CandidateEffect.UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.operate.candidate.ComparisonCounts.SkipCause;
import dev.tokenbroker.operate.candidate.TestTrial.Ask;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ComparisonTest {

  private static final Ask PAYMENTS = Ask.of("acme/payments");
  private static final Ask CLOSED = Ask.of("acme/closed");
  private static final Ask STRANGER = Ask.of("stranger/payments");
  private static final Ask KEYS = PAYMENTS.keys();
  private static final String NARROW =
      replaced("startsWith(\"acme/\")", "startsWith(\"acme/orders\")");

  @TempDir private Path directory;

  static List<Arguments> changes() {
    return List.of(
        argumentSet("a comment", UNCHANGED, PAYMENTS, DOCUMENT + "# a comment\n"),
        argumentSet("a narrower rule", NEWLY_REFUSED, PAYMENTS, NARROW),
        argumentSet(
            "a disabled rule",
            NEWLY_REFUSED,
            PAYMENTS,
            replaced("scopes: [read, write]", "disabled: true")),
        argumentSet(
            "no scope",
            NEWLY_REFUSED,
            PAYMENTS.scopes("write"),
            replaced("[read, write]", "[read]")),
        argumentSet(
            "a demanded key",
            NEWLY_REFUSED,
            PAYMENTS,
            replaced("lifetime: 10m", "lifetime: 10m, bind: dpop")),
        argumentSet(
            "a wider rule",
            NEWLY_ACCEPTED,
            STRANGER,
            replaced("startsWith(\"acme/", "contains(\"/")),
        argumentSet(
            "an enabled rule",
            NEWLY_ACCEPTED,
            CLOSED,
            replaced("disabled: true", "scopes: [read]")),
        argumentSet(
            "another rule", OTHER_RULE, PAYMENTS, replaced("name: read-orders", "name: orders")),
        argumentSet(
            "another subject",
            OTHER_GRANT,
            PAYMENTS,
            replaced("scopes: [read, write]", "scopes: [read, write]\n    subject: '\"x\"'")),
        argumentSet(
            "other scopes",
            OTHER_GRANT,
            PAYMENTS,
            replaced("[read, write]", "[admin, read, write]")),
        argumentSet(
            "other claims",
            OTHER_GRANT,
            PAYMENTS,
            replaced(
                "scopes: [read, write]",
                "scopes: [read, write]\n    claims: {team: claims.repository}")),
        argumentSet(
            "another lifetime", OTHER_GRANT, PAYMENTS, replaced("lifetime: 10m", "lifetime: 9m")),
        argumentSet(
            "another lifetime than the requested one",
            UNCHANGED,
            PAYMENTS.lifetime(Duration.ofMinutes(5)),
            replaced("lifetime: 10m", "lifetime: 9m")),
        argumentSet(
            "an upstream",
            OTHER_GRANT,
            PAYMENTS,
            replaced("mint: {lifetime: 10m}", "exchange: {upstream: sso}")),
        argumentSet(
            "another binding",
            OTHER_GRANT,
            KEYS,
            replaced("lifetime: 10m", "lifetime: 10m, bind: certificate")),
        argumentSet(
            "the same binding",
            UNCHANGED,
            KEYS,
            replaced("lifetime: 10m", "lifetime: 10m, bind: dpop")),
        argumentSet(
            "requested scopes that both grant",
            UNCHANGED,
            PAYMENTS.scopes("read"),
            replaced("[read, write]", "[admin, read, write]")),
        argumentSet(
            "another reason for a refusal",
            UNCHANGED,
            CLOSED,
            replaced("acme/closed", "acme/open").replace("\"acme/\")", "\"no\")")),
        argumentSet("a target that neither has", UNCHANGED, PAYMENTS.target("unknown"), NARROW));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void counts_what_a_candidate_would_change(CandidateEffect effect, Ask ask, String document) {
    TestTrial trial = TestTrial.of(directory, document);

    trial.miss(ask);

    CandidateReport report = trial.report();
    assertThat(present(report)).isEqualTo(Map.of(effect.label(), 1L));
    assertThat(report.differences()).hasSize(effect == UNCHANGED ? 0 : 1);
  }

  static List<Arguments> issuers() {
    return List.of(
        argumentSet(
            "unknown",
            RefusalReason.ISSUER_UNKNOWN,
            replaced("'https://issuer.example'", "'https://other.example'")),
        argumentSet(
            "disabled",
            RefusalReason.ISSUER_DISABLED,
            replaced("audiences: ['", "disabled: true, audiences: ['")),
        argumentSet(
            "another audience",
            RefusalReason.AUDIENCE_MISMATCH,
            replaced("['https://broker.example']", "['https://else.example']")),
        argumentSet(
            "a maximum age",
            RefusalReason.CREDENTIAL_TOO_OLD,
            replaced("audiences: ['", "leeway: 1s, maxTokenAge: 10s, audiences: ['")));
  }

  @ParameterizedTest
  @MethodSource("issuers")
  void refuses_as_the_issuer_of_the_candidate_would(RefusalReason reason, String document) {
    TestTrial trial = TestTrial.of(directory, document);

    trial.miss(PAYMENTS);

    CandidateReport report = trial.report();
    assertThat(present(report)).isEqualTo(Map.of("newly-refused", 1L));
    assertThat(report.differences())
        .singleElement()
        .satisfies(
            difference -> {
              assertThat(difference.candidate().reason()).isEqualTo(reason);
              assertThat(difference.candidate().rule()).isNull();
              assertThat(difference.inForce().rule()).isEqualTo("read-orders");
            });
  }

  @Test
  void finds_the_issuer_by_its_identifier_under_another_name() {
    TestTrial trial =
        TestTrial.of(
            directory,
            replaced("name: acme", "name: renamed").replace("issuer: acme", "issuer: renamed"));

    trial.miss(PAYMENTS);

    assertThat(present(trial.report())).isEqualTo(Map.of("unchanged", 1L));
  }

  @Test
  void shows_a_difference_with_both_decisions_and_the_claims_read() {
    String document = replaced("== \"acme/closed\"", "== \"acme/payments\" && claims.env == \"a\"");
    TestTrial trial = TestTrial.of(directory, document);
    Ask ask =
        PAYMENTS.with("env", List.of("a\u202e", 1L)).with("unread", "x").scopes("write", "read");
    Ask refused = ask.with("env", "a");

    trial.miss(ask);
    trial.miss(refused);
    trial.clock.advance(Duration.ofSeconds(5));
    trial.miss(refused);

    assertThat(trial.report().differences())
        .containsExactly(
            new DecisionDifference(
                NEWLY_REFUSED,
                "acme",
                "repo:acme/payments",
                "orders",
                List.of("read", "write"),
                Map.of("env", "a", "repository", "acme/payments"),
                new FederationDecision(
                    null, "read-orders", "repo:acme/payments", List.of("read", "write")),
                new FederationDecision(RefusalReason.RULE_DISABLED, "closed", null, List.of()),
                2,
                TestClock.START,
                TestClock.START.plusSeconds(5)));
  }

  @Test
  void cleans_and_bounds_the_claims_that_it_shows() {
    String condition =
        IntStream.range(0, 30)
            .mapToObj(at -> "has(claims.c%02d)".formatted(at))
            .collect(Collectors.joining(" && "));
    TestTrial trial =
        TestTrial.of(
            directory,
            replaced("when: claims.repository.startsWith(\"acme/\")", "when: " + condition));
    Ask ask = PAYMENTS;
    for (int at = 0; at < 29; at++) {
      ask = ask.with("c%02d".formatted(at), "\u202e" + "x".repeat(1_000));
    }

    trial.miss(ask);

    Map<String, String> claims = trial.report().differences().getFirst().claims();
    assertThat(claims).hasSize(20);
    assertThat(claims.values()).allMatch(text -> text.length() <= 256 && !text.contains("\u202e"));
  }

  @Test
  void skips_an_exchange_that_ended_before_the_rules() {
    TestTrial trial = TestTrial.of(directory, NARROW);

    trial.unjudged();

    assertThat(skipped(trial.report())).isEqualTo(Map.of("not-judged", 1L));
  }

  @Test
  void skips_what_finds_no_place_in_the_queue() {
    TestTrial trial = TestTrial.of(directory, NARROW);

    for (int at = 0; at < Comparison.QUEUE + 3; at++) {
      trial.miss(PAYMENTS);
    }

    CandidateReport report = trial.report();
    assertThat(skipped(report)).isEqualTo(Map.of("queue-full", 3L));
    assertThat(present(report)).isEqualTo(Map.of("newly-refused", (long) Comparison.QUEUE));
  }

  @Test
  void skips_what_another_revision_has_judged() {
    TestTrial trial = TestTrial.of(directory, NARROW);

    trial.ended(Intent.EXCHANGE, "0".repeat(64), PAYMENTS);

    CandidateReport report = trial.report();
    assertThat(skipped(report)).isEqualTo(Map.of("other-revision", 1L));
    assertThat(present(report)).isEmpty();
  }

  @Test
  void counts_a_bug_as_failed_and_compares_the_next_exchange() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    CountedClaims claims = new CountedClaims(PAYMENTS.claims());
    Ask broken = PAYMENTS.withClaims(claims);
    trial.miss(broken);
    claims.breakDown();
    trial.miss(PAYMENTS);

    CandidateReport report = trial.report();

    assertThat(skipped(report)).isEqualTo(Map.of("failed", 1L));
    assertThat(present(report)).isEqualTo(Map.of("newly-refused", 1L));
  }

  @Test
  void compares_no_explanation_and_no_refresh() {
    TestTrial trial = TestTrial.of(directory, NARROW);

    trial.ended(Intent.EXPLAIN, trial.revision(), PAYMENTS);
    trial.ended(Intent.REFRESH, trial.revision(), PAYMENTS);

    assertThat(present(trial.report())).isEmpty();
    assertThat(skipped(trial.report())).isEmpty();
  }

  @Test
  void compares_nothing_without_a_candidate() {
    TestTrial trial = TestTrial.of(directory, "issuers: 7\n");

    trial.miss(PAYMENTS);
    trial.unjudged();

    CandidateReport report = trial.report();
    assertThat(present(report)).isEmpty();
    assertThat(skipped(report)).isEmpty();
    assertThat(report.revision()).isNull();
    assertThat(report.problems()).isNotEmpty();
  }

  @Test
  void samples_about_its_share_of_the_exchanges() {
    TestTrial trial = TestTrial.of(directory, NARROW, 0.1);

    for (int at = 0; at < 10_000; at++) {
      trial.unjudged();
    }

    assertThat(trial.report().skipped().get(SkipCause.NOT_JUDGED)).isBetween(700L, 1_300L);
  }

  @Test
  void restarts_counts_for_a_new_federation_and_continues_totals() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    trial.miss(PAYMENTS);
    assertThat(present(trial.report())).isEqualTo(Map.of("newly-refused", 1L));

    trial.replaceCandidate(NARROW); // the same revision
    trial.miss(PAYMENTS);
    assertThat(present(trial.report())).isEqualTo(Map.of("newly-refused", 2L));

    trial.replaceCandidate(DOCUMENT);
    assertThat(present(trial.report())).isEmpty();
    assertThat(trial.report().differences()).isEmpty();
    trial.miss(PAYMENTS);
    assertThat(present(trial.report())).isEqualTo(Map.of("unchanged", 1L));

    trial.replaceInForce(NARROW);
    assertThat(present(trial.report())).isEmpty();
    trial.miss(PAYMENTS);
    assertThat(present(trial.report())).isEqualTo(Map.of("newly-accepted", 1L));
    assertThat(trial.comparison.totals().compared())
        .containsEntry(NEWLY_REFUSED, 2L)
        .containsEntry(UNCHANGED, 1L)
        .containsEntry(NEWLY_ACCEPTED, 1L);
  }

  static Map<String, Long> present(CandidateReport report) {
    Map<String, Long> present = new TreeMap<>();
    report.compared().forEach((effect, count) -> present.put(effect.label(), count));
    present.values().removeIf(count -> count == 0);
    return present;
  }

  static Map<String, Long> skipped(CandidateReport report) {
    Map<String, Long> present = new TreeMap<>();
    report.skipped().forEach((cause, count) -> present.put(cause.label(), count));
    present.values().removeIf(count -> count == 0);
    return present;
  }

  static String replaced(String text, String by) {
    if (!DOCUMENT.contains(text)) {
      throw new IllegalArgumentException(text);
    }
    return DOCUMENT.replace(text, by);
  }
}
