package dev.tokenbroker.operate.candidate;

import static dev.tokenbroker.operate.candidate.ComparisonTest.replaced;
import static dev.tokenbroker.operate.candidate.TestTrial.DOCUMENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Explanation;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.DocumentSlot;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.operate.candidate.Candidate.CandidateCases;
import dev.tokenbroker.operate.candidate.Candidate.CandidateStatus;
import dev.tokenbroker.operate.candidate.TestTrial.Ask;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CandidateTest {

  private static final String CASES =
      """
      identities:
        payments: {issuer: acme, claims: {sub: a, repository: acme/payments}}
      cases:
        - {name: pays, identity: payments, audience: payments, expect: {accepted: read-orders}}
        - {name: reads, identity: payments, audience: orders, expect: {accepted: read-orders}}
      """;

  @TempDir private Path directory;

  private final TestClock clock = new TestClock();
  private Path document;

  @BeforeEach
  void name() {
    document = directory.resolve("candidate.yaml");
  }

  private Candidate loaded(String text) throws IOException {
    Files.writeString(document, text);
    return RunningComparison.loaded(document, clock);
  }

  @Test
  void keeps_the_document_and_outline_but_never_keys_or_upstreams() throws IOException {
    Candidate candidate = loaded(DOCUMENT);

    CandidateStatus status = candidate.status();
    assertThat(status.problems()).isEmpty();
    assertThat(federation(candidate).loadedAt()).isEqualTo(TestClock.START);
    assertThat(federation(candidate).upstreams()).isEmpty();
    assertThat(federation(candidate).issuers().all().getFirst().keys().version()).isZero();
    assertThat(outline(candidate).entries(DocumentSection.RULES))
        .containsOnlyKeys("closed", "read-orders");
  }

  @Test
  void each_revision_and_each_bad_document_is_a_change() throws IOException {
    List<Change> changes = new ArrayList<>();
    Candidate candidate = RunningComparison.unloaded(document, clock, changes::add);
    for (String text : List.of(DOCUMENT, DOCUMENT, "issuers: [", DOCUMENT)) {
      Files.writeString(document, text);
      candidate.reload();
    }

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(
            ChangeKind.CANDIDATE_LOADED,
            ChangeKind.CANDIDATE_REJECTED,
            ChangeKind.CANDIDATE_LOADED);
  }

  @Test
  void reports_all_problems_with_lines_and_leaves_no_candidate() throws IOException {
    Candidate candidate = loaded(replaced("audience: payments", "audienze: payments"));

    assertThat(candidate.isLoaded()).isFalse();
    assertThat(candidate.status().problems())
        .isNotEmpty()
        .allSatisfy(
            problem -> {
              assertThat(problem.file()).isEqualTo("candidate.yaml");
              assertThat(problem.line()).isPositive();
            });
  }

  @Test
  void reports_a_document_that_does_not_exist() {
    Candidate candidate = RunningComparison.loaded(document, clock);

    assertThat(candidate.isLoaded()).isFalse();
    assertThat(candidate.status().problems()).hasSize(1);
  }

  @Test
  void drops_the_earlier_candidate_for_a_document_with_problems() throws IOException {
    Candidate candidate = loaded(DOCUMENT);

    Files.writeString(document, "rules: 7\n");
    candidate.reload();
    assertThat(candidate.isLoaded()).isFalse();

    Files.writeString(document, DOCUMENT);
    candidate.reload();
    assertThat(candidate.isLoaded()).isTrue();
    assertThat(candidate.status().problems()).isEmpty();
  }

  @Test
  void shows_failed_cases_like_the_gate_and_still_compares() throws IOException {
    Files.writeString(directory.resolve("a.cases.yaml"), CASES);
    Candidate candidate = loaded("cases: [a.cases.yaml]\n" + DOCUMENT);

    assertThat(candidate.isLoaded()).isTrue();
    CandidateCases cases = candidate.status().cases();
    // The pair with the target token-broker is not listed, and is refused as it must be.
    assertThat(cases.passed()).isEqualTo(2);
    assertThat(cases.failed()).isEqualTo(1);
    assertThat(cases.failures())
        .singleElement()
        .asString()
        .startsWith("a.cases.yaml:4: the case 'pays' fails for payments and payments:");
  }

  @Test
  void shows_at_most_a_hundred_failures() throws IOException {
    StringBuilder text = new StringBuilder(CASES);
    for (int at = 0; at < 150; at++) {
      text.append(
          "  - {name: c%d, identity: payments, audience: orders, expect: {accepted: closed}}\n"
              .formatted(at));
    }
    Files.writeString(directory.resolve("a.cases.yaml"), text);

    CandidateCases cases = loaded("cases: [a.cases.yaml]\n" + DOCUMENT).status().cases();

    assertThat(cases.failed()).isEqualTo(151);
    assertThat(cases.failures()).hasSize(100);
  }

  @Test
  void shows_problems_of_case_files_and_counts_no_pairs() throws IOException {
    Files.writeString(
        directory.resolve("a.cases.yaml"), CASES.replace("issuer: acme", "issuer: b"));

    CandidateCases cases = loaded("cases: [a.cases.yaml]\n" + DOCUMENT).status().cases();

    assertThat(cases.passed()).isZero();
    assertThat(cases.failures()).isNotEmpty();
  }

  @Test
  void shows_the_warnings_of_the_lint() throws IOException {
    Candidate candidate =
        loaded(replaced("when: claims.repository.startsWith(\"acme/\")", "when: 'true'"));

    assertThat(candidate.status().warnings()).isNotEmpty();
  }

  @Test
  void a_changed_document_is_seen_and_loaded() throws IOException {
    Candidate candidate = loaded(DOCUMENT);
    DocumentSlot slot = candidate.slot();
    assertThat(slot.check()).isFalse();

    Files.writeString(document, replaced("name: read-orders", "name: renamed"));
    assertThat(slot.check()).isTrue();
    assertThat(slot.check()).isFalse();
    assertThat(outline(candidate).entries(DocumentSection.RULES)).containsKey("renamed");
  }

  @Test
  void keeps_the_load_time_of_a_revision_that_is_read_again() throws IOException {
    Path cases = Files.writeString(directory.resolve("a.cases.yaml"), CASES);
    Candidate candidate = loaded("cases: [a.cases.yaml]\n" + DOCUMENT);
    clock.advance(Duration.ofMinutes(1));

    Files.writeString(cases, CASES.replace("read-orders", "closed"));
    candidate.reload();

    assertThat(candidate.status().cases().failed()).isEqualTo(2);
    assertThat(federation(candidate).loadedAt()).isEqualTo(TestClock.START);
  }

  @Test
  void gives_its_verdict_on_an_explained_request_from_the_issuer_on() {
    TestTrial trial =
        TestTrial.of(directory, replaced("startsWith(\"acme/\")", "startsWith(\"no/\")"));
    Explanation explanation = explanation(trial);

    Verdict verdict = trial.candidate.verdict(explanation).orElseThrow();

    assertThat(verdict.id()).isEqualTo("id");
    assertThat(verdict.reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(verdict.federationRevision()).isNotEqualTo(trial.revision());
    assertThat(verdict.issuer()).isEqualTo("acme");
    assertThat(steps(verdict, Result.PASSED)).containsExactly(Step.ISSUER, Step.TARGET);
    assertThat(steps(verdict, Result.FAILED)).containsExactly(Step.RULE);
  }

  @Test
  void shows_a_refusal_of_the_issuer_in_its_verdict() {
    TestTrial trial =
        TestTrial.of(directory, replaced("['https://broker.example']", "['https://b.example']"));

    Verdict verdict = trial.candidate.verdict(explanation(trial)).orElseThrow();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.AUDIENCE_MISMATCH);
    assertThat(steps(verdict, Result.FAILED)).containsExactly(Step.AUDIENCE);
  }

  @Test
  void gives_no_verdict_without_a_verified_credential_or_candidate() {
    TestTrial trial = TestTrial.of(directory, DOCUMENT);
    Explanation explanation = explanation(trial);

    assertThat(trial.candidate.verdict(new Explanation(explanation.verdict(), null))).isEmpty();
    trial.replaceCandidate("rules: 7\n");
    assertThat(trial.candidate.verdict(explanation)).isEmpty();
  }

  private static Federation federation(Candidate candidate) {
    return Objects.requireNonNull(candidate.status().federation());
  }

  private static Outline outline(Candidate candidate) {
    return Objects.requireNonNull(candidate.status().outline());
  }

  private static Explanation explanation(TestTrial trial) {
    return new Explanation(
        Verdict.of("id", TestClock.START, Intent.EXPLAIN, trial.revision(), "orders", new Trail()),
        trial.judged(Ask.of("acme/payments")));
  }

  private static List<Step> steps(Verdict verdict, Result result) {
    return verdict.steps().stream()
        .filter(finding -> finding.result() == result)
        .map(Finding::step)
        .toList();
  }
}
