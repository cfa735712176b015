package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.CacheWeight;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.operate.candidate.CandidateReport;
import dev.tokenbroker.operate.candidate.RunningComparison;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hits and misses of the real cache, as a candidate compares them. */
class ComparedHitsTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(31);
  private static final int IDENTITIES = 30;
  private static final int HITS = 7;

  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = new ArrayList<>();
  @TempDir private Path directory;

  private RunningComparison comparison(Federation federation, String candidate) throws IOException {
    Path file = Files.writeString(directory.resolve("candidate.yaml"), candidate);
    return RunningComparison.of(file, () -> Optional.of(federation), clock, 1);
  }

  private IssuedTokens tokens(boolean keepsClaims) {
    return TestExchange.tokens(clock, keepsClaims);
  }

  @Test
  void each_hit_and_each_miss_counts_once() throws IOException {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    RunningComparison running =
        comparison(
            federation,
            ISSUER
                .federation()
                .replace("startsWith(\"acme/\")", "startsWith(\"acme/repository-1\")"));
    IssuedTokens tokens = tokens(true);
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(records::add, running.comparison()))
            .tokens(tokens)
            .build();

    for (int round = 0; round <= HITS; round++) {
      for (int at = 0; at < IDENTITIES; at++) {
        ask(exchange, "acme/repository-" + at, "orders");
      }
      ask(exchange, "stranger/repository", "orders");
    }

    assertThat(tokens.status().hits()).isEqualTo(IDENTITIES * HITS);
    CandidateReport report = running.drained();
    // Repositories 1 and 10 to 19 keep the rule; the stranger is refused by both.
    assertThat(report.compared())
        .containsAllEntriesOf(
            Map.of(
                CandidateEffect.UNCHANGED, 12L * (HITS + 1),
                CandidateEffect.NEWLY_REFUSED, 19L * (HITS + 1),
                CandidateEffect.NEWLY_ACCEPTED, 0L));
    assertThat(report.skipped().values()).containsOnly(0L);
    assertThat(report.differences())
        .hasSize(19)
        .allSatisfy(difference -> assertThat(difference.count()).isEqualTo(HITS + 1L));
  }

  @Test
  void hits_of_one_held_token_share_the_grant_and_keep_the_claims() {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(records::add)).tokens(tokens(true)).build();

    for (int at = 0; at < 3; at++) {
      ask(exchange, "acme/payments", "orders");
    }

    assertThat(records).extracting(ExchangeRecord::endedAtCache).containsExactly(false, true, true);
    Judged miss = judged(0);
    assertThat(judged(1).grant()).isSameAs(judged(2).grant()).isNotSameAs(miss.grant());
    assertThat(judged(1).identity().claims()).isEqualTo(miss.identity().claims()).isNotEmpty();
  }

  @Test
  void a_hit_has_no_claims_without_a_candidate() {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(records::add)).tokens(tokens(false)).build();

    ask(exchange, "acme/payments", "orders");
    ask(exchange, "acme/payments", "orders");

    assertThat(records.getLast().endedAtCache()).isTrue();
    assertThat(judged(1).identity().claims()).isEmpty();
  }

  @Test
  void kept_claims_weigh_in_the_cache() {
    Federation federation = TestExchange.federation(directory, ISSUER.federation(), clock);
    IssuedTokens without = tokens(false);
    IssuedTokens with = tokens(true);
    for (IssuedTokens tokens : List.of(without, with)) {
      ask(
          TestExchange.by(federation, clock, List.of(records::add)).tokens(tokens).build(),
          "acme/payments",
          "orders");
    }

    long claimBytes = CacheWeight.of(judged(1).identity().claims());
    assertThat(claimBytes).isGreaterThan(8L * CacheWeight.VALUE_BYTES);
    assertThat(with.status().weightBytes()).isEqualTo(without.status().weightBytes() + claimBytes);
  }

  @Test
  void uses_up_no_credential_that_may_be_exchanged_once() throws IOException {
    String document = ISSUER.federation("once: true");
    Federation federation = TestExchange.federation(directory, document, clock);
    RunningComparison running =
        comparison(federation, document.replace("name: read-orders", "name: renamed"));
    UsedCredentials used = new UsedCredentials(10, clock);
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(running.comparison()))
            .once(TestExchange.once(used, clock))
            .tokens(tokens(true))
            .build();

    ask(exchange, "stranger/repository", "orders"); // refused by rule, so it is not used
    Exchanged granted = ask(exchange, "acme/payments", "orders");

    assertThat(granted.verdict().accepted()).isTrue();
    assertThat(running.drained().compared())
        .containsEntry(CandidateEffect.OTHER_RULE, 1L)
        .containsEntry(CandidateEffect.UNCHANGED, 1L);
    assertThat(used.remembered()).isEqualTo(1);
    Outcomes.accepted(ask(exchange, "acme/orders", "orders").outcome());
  }

  private Judged judged(int at) {
    return Objects.requireNonNull(records.get(at).judged());
  }

  private static Exchanged ask(TokenExchange exchange, String repository, String target) {
    return TestExchange.exchange(exchange, request(target, ISSUER.credential(repository)));
  }
}
