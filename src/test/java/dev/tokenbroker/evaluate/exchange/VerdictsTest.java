package dev.tokenbroker.evaluate.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictsTest {

  private static final int MAX = 100;

  private final TestClock clock = new TestClock();
  private final Verdicts verdicts =
      new Verdicts(
          Settings.of(
              ExchangeSettings.class, Map.of("token-broker.exchange.max-verdicts", "" + MAX)),
          clock);

  @Test
  void finds_a_verdict_by_its_id() {
    ExchangeRecord record = record("v1");
    verdicts.ended(record);

    assertThat(verdicts.find("v1")).containsSame(record.verdict());
    assertThat(verdicts.find("V1")).isEmpty();
    assertThat(verdicts.find("")).isEmpty();
  }

  @Test
  void keeps_the_last_ones_and_no_more_than_it_is_told_to() {
    IntStream.range(0, 5 * MAX + 7).forEach(at -> verdicts.ended(record("v" + at)));

    assertThat(IntStream.range(0, 5 * MAX + 7))
        .filteredOn(at -> verdicts.find("v" + at).isPresent())
        .containsExactlyElementsOf(IntStream.range(4 * MAX + 7, 5 * MAX + 7).boxed().toList());
  }

  @Test
  void lists_the_last_refused_ones_and_of_those_sent_away_only_some() {
    verdicts.ended(record("accepted"));
    verdicts.ended(shed("s1", RefusalReason.DEADLINE_EXCEEDED));
    clock.advance(Duration.ofSeconds(1));
    IntStream.range(0, MAX)
        .forEach(at -> verdicts.ended(shed("t" + at, RefusalReason.BROKER_OVERLOADED)));

    assertThat(verdicts.lastRefused(_ -> true))
        .hasSize((MAX + 15) / 16)
        .allMatch(each -> each.reason() == RefusalReason.BROKER_OVERLOADED);
    assertThat(verdicts.lastRefused(each -> each.id().equals("accepted"))).isEmpty();
    clock.advance(Duration.ofHours(1));
    assertThat(verdicts.lastRefused(_ -> true)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"BROKER_OVERLOADED", "CREDENTIAL_RATE_LIMITED", "DEADLINE_EXCEEDED"})
  void loses_none_to_those_who_are_sent_away_unjudged(RefusalReason reason) {
    IntStream.range(0, MAX).forEach(at -> verdicts.ended(record("v" + at)));
    IntStream.range(0, 10 * MAX).forEach(at -> verdicts.ended(shed("s" + at, reason)));

    assertThat(IntStream.range(0, MAX)).allMatch(at -> verdicts.find("v" + at).isPresent());
    assertThat(IntStream.range(0, 10 * MAX))
        .filteredOn(at -> verdicts.find("s" + at).isPresent())
        .containsExactlyElementsOf(IntStream.range(993, 1_000).boxed().toList());
  }

  @Test
  void forgets_a_verdict_after_its_time() {
    verdicts.ended(record("v1"));
    clock.advance(Duration.ofHours(1).minusNanos(1));
    assertThat(verdicts.find("v1")).isPresent();
    clock.advance(Duration.ofNanos(1));
    assertThat(verdicts.find("v1")).isEmpty();
  }

  private ExchangeRecord shed(String id, RefusalReason reason) {
    Trail trail = new Trail();
    trail.refuse(Step.ADMISSION, Refusal.of(reason));
    return record(id, trail);
  }

  @Test
  void loses_none_to_refusals_that_anybody_can_cause() {
    IntStream.range(0, MAX).forEach(at -> verdicts.ended(record("v" + at)));
    for (int at = 0; at < 10 * MAX; at++) {
      Trail trail = new Trail();
      trail.refuse(Step.FORMAT, Refusal.of(RefusalReason.CREDENTIAL_MALFORMED));
      verdicts.ended(record("u" + at, trail));
    }

    assertThat(IntStream.range(0, MAX)).allMatch(at -> verdicts.find("v" + at).isPresent());
    assertThat(IntStream.range(0, 10 * MAX).filter(at -> verdicts.find("u" + at).isPresent()))
        .hasSize((MAX + 3) / 4);
    clock.advance(Duration.ofSeconds(75));
    assertThat(verdicts.absence("0".repeat(32)))
        .contains("the last %d, the oldest 1m15s old, of credentials".formatted(MAX))
        .contains("another may have it", "at most 1h");
    assertThat(verdicts.absence("v1")).contains("32 hexadecimal digits");
  }

  private ExchangeRecord record(String id) {
    return record(id, new Trail());
  }

  private ExchangeRecord record(String id, Trail trail) {
    Verdict verdict = Verdict.of(id, clock.instant(), Intent.EXCHANGE, "", "payments-api", trail);
    return new ExchangeRecord(
        verdict, "grpc", "", "", null, null, null, null, false, Duration.ZERO);
  }
}
