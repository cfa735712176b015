package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutagesTest {

  private final TestClock clock = new TestClock();
  private final Outages outages = outages(clock);

  @Test
  void refusals_of_one_issuer_for_one_reason_are_one_counted_outage() {
    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    clock.advance(Duration.ofSeconds(3));
    refuse(RefusalReason.NO_RULE_MATCHED, "b");
    refuse(RefusalReason.NO_RULE_MATCHED, "b");

    assertThat(outages.all())
        .singleElement()
        .satisfies(
            outage -> {
              assertThat(outage.name()).isEqualTo("github");
              assertThat(outage.count()).isEqualTo(3);
              assertThat(outage.since()).isEqualTo(TestClock.START);
              assertThat(outage.last()).isEqualTo(TestClock.START.plusSeconds(3));
              assertThat(outage.members()).containsEntry("subjects", 2L).containsKey("remedy");
            });
  }

  @Test
  void an_outage_ends_after_three_accepted_exchanges_and_the_count_too() {
    refuse(5, "a");
    for (int accepted = 0; accepted < 3; accepted++) {
      clock.advance(Duration.ofMillis(1_001));
      assertThat(only().ended()).isFalse();
      accept("github");
    }
    assertThat(only().ended()).isTrue();

    refuse(RefusalReason.NO_RULE_MATCHED, "a");

    assertThat(only().ended()).isFalse();
    assertThat(only().count()).isEqualTo(1);
    assertThat(only().since()).isEqualTo(clock.instant());
  }

  /** As of callers that wait as long as the broker asks. */
  @Test
  void refusals_with_pauses_are_one_outage_that_ends_after_a_minute() {
    for (int wave = 0; wave < 6; wave++) {
      clock.advance(Duration.ofSeconds(60));
      refuse(RefusalReason.NO_RULE_MATCHED, "a");
    }
    assertThat(only().count()).isEqualTo(6);
    assertThat(only().since()).as("when its cause came").isEqualTo(TestClock.START.plusSeconds(60));

    clock.advance(Duration.ofSeconds(60));
    assertThat(only().ended()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(only().ended()).isTrue();

    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    assertThat(only().count()).as("of another outage").isEqualTo(1);
  }

  /** The first refusals may be of another cause. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "20, 40"})
  void an_outage_has_begun_with_its_third_refusal(int first, int second) {
    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    assertThat(only().begun()).isEqualTo(TestClock.START);
    clock.advance(Duration.ofSeconds(first));
    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    clock.advance(Duration.ofSeconds(second - first));
    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    clock.advance(Duration.ofSeconds(2));
    refuse(5, "a");

    assertThat(only().since()).isEqualTo(TestClock.START);
    assertThat(only().begun()).isEqualTo(TestClock.START.plusSeconds(second));
    assertThat(only().members()).containsEntry("begun_time", only().begun().toString());
  }

  /** Three in a row, of the same issuer, and after three silent seconds. */
  @ParameterizedTest
  @CsvSource({
    "3, github, 3001, true",
    "3, github, 3000, false",
    "2, github, 3001, false",
    "3, gitlab, 3001, false",
  })
  void accepted_exchanges_end_an_outage(int times, String issuer, long silence, boolean ended) {
    accept("github");
    refuse(5, "a");
    clock.advance(Duration.ofMillis(silence));
    for (int accepted = 0; accepted < times; accepted++) {
      accept(issuer);
    }
    assertThat(only().ended()).isEqualTo(ended);
  }

  /** What was wrong before has changed; strangers prove nothing of it. */
  @ParameterizedTest
  @CsvSource({
    "3, github, a, 3001, true",
    "3, github, a, 3000, false",
    "2, github, a, 3001, false",
    "3, gitlab, a, 3001, false",
    "3, github, , 3001, false",
  })
  void other_proved_refusals_of_the_peer_end_an_outage(
      int times, String issuer, @Nullable String subject, long silence, boolean ended) {
    refuse(5, "a");
    clock.advance(Duration.ofMillis(silence));
    for (int other = 0; other < times; other++) {
      outages.ended(record(issuer, RefusalReason.KEY_UNKNOWN, subject, false));
    }

    assertThat(outages.all())
        .filteredOn(outage -> outage.reason() == RefusalReason.NO_RULE_MATCHED)
        .singleElement()
        .matches(outage -> outage.ended() == ended);
  }

  /** Some workloads of an issuer are refused, and most are not. */
  @Test
  void accepted_exchanges_of_others_do_not_divide_an_outage() {
    for (int second = 0; second < 30; second++) {
      refuse(RefusalReason.NO_RULE_MATCHED, "a");
      for (int accepted = 0; accepted < 10; accepted++) {
        accept("github");
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(only().ended()).isFalse();
    assertThat(only().count()).isEqualTo(30);
  }

  @ParameterizedTest
  @CsvSource({"PT1H", "PT-1H"})
  void a_step_of_the_wall_clock_neither_ends_nor_keeps_an_outage(Duration step) {
    AtomicLong nanos = new AtomicLong();
    Outages monotonic = outages(new TestClocks(clock, nanos::get));
    monotonic.ended(record(RefusalReason.NO_RULE_MATCHED, "a", false));
    clock.advance(step);
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(monotonic.all()).extracting(Outage::ended).containsExactly(false);

    ExchangeRecord second = record(RefusalReason.NO_RULE_MATCHED, "a", false);
    monotonic.ended(second);

    assertThat(monotonic.all())
        .singleElement()
        .satisfies(
            outage -> {
              assertThat(outage.count()).isEqualTo(2);
              assertThat(outage.last()).isEqualTo(clock.instant());
              assertThat(outage.since()).isBeforeOrEqualTo(outage.last());
              assertThat(monotonic.of(second.verdict())).contains(outage);
            });
    clock.advance(step.negated());
    nanos.addAndGet(Duration.ofMillis(60_001).toNanos());
    assertThat(monotonic.all()).extracting(Outage::ended).containsExactly(true);
    nanos.addAndGet(Outages.KEPT.toNanos());
    assertThat(monotonic.all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"sso, github, true", "sso, gitlab, true", "other, github, false", ", github, false"})
  void an_outage_of_an_upstream_ends_with_its_tokens(
      @Nullable String upstream, String issuer, boolean ended) {
    RefusedPeer sso = new RefusedPeer(SubjectKind.UPSTREAM, "sso");
    CountedOutage outage = new CountedOutage(sso, RefusalReason.UPSTREAM_CIRCUIT_OPEN, true);
    outage.add(clock.instant(), clock.instant(), 0, 0, true);
    for (int served = 0; served < 3; served++) {
      outage.serve(issuer, upstream);
    }
    assertThat(outage.at(Duration.ofMillis(3_001).toNanos()).ended()).isEqualTo(ended);
  }

  @ParameterizedTest
  @CsvSource({"KEY_UNKNOWN, false", "UPSTREAM_UNAVAILABLE, true", "KEYS_UNREACHABLE, true"})
  void what_a_stranger_can_cause_is_not_proved(RefusalReason reason, boolean proved) {
    outages.ended(record(reason, null, false));

    assertThat(only().proved()).isEqualTo(proved);
    assertThat(only().members().containsKey("unproved")).isEqualTo(!proved);
    assertThat(only().members()).containsEntry("credentials", 1L);
  }

  @Test
  void noise_of_strangers_does_not_keep_an_outage_going() {
    outages.ended(record(RefusalReason.KEY_UNKNOWN, null, true));
    clock.advance(Duration.ofSeconds(61));
    outages.ended(record(RefusalReason.KEY_UNKNOWN, null, false));

    assertThat(outages.all()).extracting(Outage::proved).containsExactly(false, true);
    assertThat(outages.all()).extracting(Outage::ended).containsExactly(false, true);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "30, 2", "500, 25", "3000, 300"})
  void distinct_subjects_are_counted_nearly(int subjects, int doubt) {
    for (int subject = 0; subject < subjects; subject++) {
      refuse(RefusalReason.NO_RULE_MATCHED, "repo:acme/" + subject);
      refuse(RefusalReason.NO_RULE_MATCHED, "repo:acme/" + subject);
    }
    assertThat(Math.abs(only().distinct() - subjects)).isLessThanOrEqualTo(doubt * 2L);
  }

  @Test
  void an_outage_is_forgotten_after_fifteen_minutes() {
    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    clock.advance(Outages.KEPT.plusSeconds(1));

    assertThat(outages.all()).isEmpty();
  }

  @Test
  void a_verdict_has_the_outage_that_it_is_part_of() {
    ExchangeRecord first = record(RefusalReason.NO_RULE_MATCHED, "a", false);
    outages.ended(first);
    clock.advance(Duration.ofMinutes(1));

    assertThat(outages.of(first.verdict())).contains(only());
    assertThat(outages.of(record(RefusalReason.NO_RULE_MATCHED, "a", false).verdict())).isEmpty();
  }

  @Test
  void a_refusal_that_follows_from_a_failure_has_that_failure() {
    outages.ended(record(RefusalReason.KEYS_UNREACHABLE, null, false));
    ExchangeRecord effect = coolingDown(Clue.of(RefusalReason.KEYS_UNREACHABLE.name()));
    outages.ended(effect);

    assertThat(outages.causeOf(effect.verdict()))
        .map(Outage::reason)
        .contains(RefusalReason.KEYS_UNREACHABLE);
    assertThat(outages.causeOf(record(RefusalReason.KEY_UNKNOWN, null, false).verdict())).isEmpty();
  }

  /** The failed fetch before the refusal had another reason, or none is known. */
  @ParameterizedTest
  @CsvSource({
    "KEYS_UNREACHABLE, PT30S, true",
    "KEYS_UNREACHABLE, PT61S, false",
    "ISSUER_TLS_UNTRUSTED, PT30S, false",
    ", PT30S, false",
  })
  void a_key_not_fetched_has_only_the_failure_of_the_refusal(
      @Nullable RefusalReason named, Duration later, boolean found) {
    outages.ended(record(RefusalReason.KEYS_UNREACHABLE, null, false));
    clock.advance(later);
    Clue clue = named == null ? Clue.none() : Clue.of(named.name());

    assertThat(outages.causeOf(coolingDown(clue).verdict()).isPresent()).isEqualTo(found);
  }

  private ExchangeRecord coolingDown(Clue clue) {
    return record("github", RefusalReason.KEY_REFETCH_COOLING_DOWN, null, clue);
  }

  /** One caller, whose evaluations take 5 s each and follow each other. */
  @Test
  void a_slow_evaluation_counts_from_its_begin_to_its_end() {
    for (int at = 0; at < 10; at++) {
      Verdict verdict = record(RefusalReason.KEYS_UNREACHABLE, null, false).verdict();
      clock.advance(Duration.ofSeconds(5));
      outages.ended(of(verdict, null, Duration.ofSeconds(5)));

      assertThat(only().ended()).isFalse();
      assertThat(only().count()).isEqualTo(at + 1);
      assertThat(only().since()).isEqualTo(TestClock.START);
      assertThat(only().last()).isEqualTo(clock.instant());
      assertThat(outages.of(verdict)).contains(only());
    }
    clock.advance(Duration.ofSeconds(61));
    assertThat(only().ended()).isTrue();
  }

  @Test
  void the_earliest_of_evaluations_at_the_same_time_is_the_begin() {
    Verdict slow = record(RefusalReason.KEYS_UNREACHABLE, null, false).verdict();
    clock.advance(Duration.ofSeconds(5));
    outages.ended(record(RefusalReason.KEYS_UNREACHABLE, null, false));
    outages.ended(of(slow, null, Duration.ofSeconds(5)));

    assertThat(only().since()).isEqualTo(TestClock.START);
    assertThat(only().count()).isEqualTo(2);
  }

  /** All have the same hash code. */
  @Test
  void subjects_that_a_caller_chooses_do_not_count_as_one() {
    for (int subject = 0; subject < 64; subject++) {
      String bits = Integer.toBinaryString(64 + subject);
      refuse(RefusalReason.NO_RULE_MATCHED, bits.replace("0", "Aa").replace("1", "BB"));
    }
    assertThat(only().distinct()).isBetween(55L, 64L);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void a_verdict_has_the_outage_of_its_own_evidence(boolean withdrawnKey) {
    ExchangeRecord proved = record(RefusalReason.KEY_UNKNOWN, null, true);
    ExchangeRecord unproved = record(RefusalReason.KEY_UNKNOWN, null, false);
    outages.ended(proved);
    outages.ended(unproved);

    assertThat(outages.of((withdrawnKey ? proved : unproved).verdict()))
        .map(Outage::proved)
        .contains(withdrawnKey);
  }

  /** A failure of another kind comes later, and nothing follows from it. */
  @ParameterizedTest
  @CsvSource({
    "UPSTREAM_CIRCUIT_OPEN, UPSTREAM_TIMED_OUT, UPSTREAM_CLIENT_REFUSED",
    "UPSTREAM_BUDGET_EXHAUSTED, UPSTREAM_UNAVAILABLE, UPSTREAM_NOT_PERMITTED",
    "KEY_REFETCH_COOLING_DOWN, ISSUER_TLS_UNTRUSTED, OWN_TOKEN_REFUSED",
  })
  void the_last_failure_is_the_one_that_the_refusal_names(
      RefusalReason effect, RefusalReason cause, RefusalReason other) {
    outages.ended(record(cause, "a", false));
    clock.advance(Duration.ofSeconds(1));
    outages.ended(record(other, "a", false));

    assertThat(outages.causeOf(record("github", effect, "a", Clue.of(cause.name())).verdict()))
        .map(Outage::reason)
        .contains(cause);
  }

  @Test
  void issuers_without_end_take_bounded_memory() {
    for (int issuer = 0; issuer < 2 * Outages.MAX_OUTAGES; issuer++) {
      outages.ended(record("i" + issuer, RefusalReason.KEY_UNKNOWN, null, false));
    }
    assertThat(outages.all()).hasSize(Outages.MAX_OUTAGES / 2);
    outages.ended(record(RefusalReason.KEYS_UNREACHABLE, null, false));
    assertThat(outages.all()).hasSize(Outages.MAX_OUTAGES / 2 + 1);
  }

  private Outage only() {
    assertThat(outages.all()).hasSize(1);
    return outages.all().getFirst();
  }

  private Outages outages(Clocks with) {
    return new Outages(_ -> Optional.empty(), with);
  }

  private void refuse(int times, String subject) {
    for (int at = 0; at < times; at++) {
      refuse(RefusalReason.NO_RULE_MATCHED, subject);
    }
  }

  private void refuse(RefusalReason reason, String subject) {
    outages.ended(record(reason, subject, false));
  }

  private void accept(String issuer) {
    Trail trail = new Trail();
    trail.issuer(issuer);
    Verdict verdict = Verdict.of("id", clock.instant(), Intent.EXCHANGE, "", "orders", trail);
    outages.ended(of(verdict, "b", Duration.ZERO));
  }

  private ExchangeRecord record(
      RefusalReason reason, @Nullable String subject, boolean withdrawnKey) {
    return record("github", reason, subject, withdrawnKey);
  }

  private ExchangeRecord record(
      String issuer, RefusalReason reason, @Nullable String subject, boolean withdrawnKey) {
    return record(issuer, reason, subject, withdrawnKey ? Clue.signed("a") : Clue.none());
  }

  private ExchangeRecord record(
      String issuer, RefusalReason reason, @Nullable String subject, Clue clue) {
    Trail trail = new Trail();
    trail.issuer(issuer);
    if (subject != null) {
      trail.passed(Step.SIGNATURE, "", "");
    }
    trail.refuse(Step.KEY, Refusal.of(reason).clue(clue));
    Verdict verdict = Verdict.of("id", clock.instant(), Intent.EXCHANGE, "", "orders", trail);
    return of(verdict, subject, Duration.ZERO);
  }

  private static ExchangeRecord of(Verdict verdict, @Nullable String subject, Duration duration) {
    return new ExchangeRecord(verdict, "", "", "d1", subject, null, null, null, false, duration);
  }
}
