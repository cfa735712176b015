package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.Clue;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.Intent;
import dev.tokenbroker.evaluate.exchange.Verdict;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutagesTest {

  private final TestClock clock = new TestClock();
  private final ChangeLog changes = new ChangeLog(Optional::empty, clock, _ -> Optional.empty());
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
  void an_outage_ends_after_three_silent_seconds_and_the_count_too() {
    refuse(RefusalReason.NO_RULE_MATCHED, "a");
    clock.advance(Duration.ofMillis(3_001));
    assertThat(only().ended()).isTrue();

    refuse(RefusalReason.NO_RULE_MATCHED, "a");

    assertThat(only().ended()).isFalse();
    assertThat(only().count()).isEqualTo(1);
    assertThat(only().since()).isEqualTo(clock.instant());
  }

  /** Each pause is longer than three seconds, as of callers that wait as they are asked to. */
  @Test
  void refusals_that_come_back_twice_are_one_outage_with_pauses() {
    for (int wave = 0; wave < 6; wave++) {
      refuse(RefusalReason.NO_RULE_MATCHED, "a");
      clock.advance(Duration.ofSeconds(20));
    }
    assertThat(only().ended()).isFalse();
    assertThat(only().count()).isEqualTo(6);
    assertThat(only().since()).as("when its cause came").isEqualTo(TestClock.START);

    clock.advance(Duration.ofSeconds(11));
    assertThat(only().ended()).isTrue();
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

  /** The cause of an outage is the change that came before its begin. */
  @ParameterizedTest
  @CsvSource({
    "3, 20, 5, 8, START", // a caller that pauses
    "9, 20, 1, 10, START", // one more refusal after the end
    "9, 57, 1, 10, START",
    "1, 20, 9, 9, RETURN", // one refusal before the outage
    "2, 20, 9, 9, RETURN",
    "9, 61, 3, 3, RETURN",
  })
  void an_outage_that_comes_back_soon_goes_on_and_is_open_no_longer(
      int before, int pause, int after, long count, String since) {
    refuse(before, "a");
    clock.advance(Duration.ofMillis(3_001));
    assertThat(only().ended()).isTrue();
    clock.advance(Duration.ofSeconds(pause).minusMillis(3_001));
    Instant back = clock.instant();

    refuse(after, "a");

    assertThat(only().count()).isEqualTo(count);
    assertThat(only().since()).isEqualTo(since.equals("START") ? TestClock.START : back);
    clock.advance(Duration.ofSeconds(3));
    assertThat(only().ended()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(only().ended()).isTrue();
  }

  /** A refusal of another cause, then an outage with a pause. */
  @Test
  void one_earlier_refusal_does_not_start_an_outage_that_pauses() {
    refuse(1, "a");
    clock.advance(Duration.ofSeconds(20));
    Instant begin = clock.instant();
    refuse(5, "b");
    clock.advance(Duration.ofSeconds(20));
    refuse(5, "b");

    assertThat(only().since()).isEqualTo(begin);
    assertThat(only().count()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource({
    "KEY_REMOVED, github, true",
    "KEY_ADDED, github, true",
    "KEY_REMOVED, gitlab, false",
    "FEDERATION_LOADED, '', true",
    "SECRET_RELOADED, sso, false",
    "STORE_LOST, '', false",
  })
  void another_outage_starts_if_a_possible_cause_came_in_the_pause(
      ChangeKind kind, String subject, boolean anew) {
    refuse(5, "a");
    clock.advance(Duration.ofSeconds(10));
    changes.changed(change(kind, subject));
    clock.advance(Duration.ofSeconds(10));
    refuse(5, "a");

    assertThat(only().count()).isEqualTo(anew ? 5 : 10);
  }

  /** A change that the broker notices late may be the cause of the refusals before it. */
  @ParameterizedTest
  @CsvSource({"PT15S, false", "PT5S, true"})
  void a_change_possibly_before_the_pause_starts_no_other_outage(Duration sinceLook, boolean anew) {
    refuse(5, "a");
    clock.advance(Duration.ofSeconds(10));
    changes.changed(change(ChangeKind.DISCOVERY_CHANGED, "github").since(sinceLook));
    clock.advance(Duration.ofSeconds(10));
    refuse(5, "a");

    assertThat(only().count()).isEqualTo(anew ? 5 : 10);
  }

  /** Refusals with long pauses, as one outage, before the change. */
  @Test
  void a_change_in_a_known_pause_begins_another_outage() {
    for (int wave = 0; wave < 6; wave++) {
      refuse(1, "a");
      clock.advance(Duration.ofSeconds(20));
    }
    changes.changed(change(ChangeKind.KEY_REMOVED, "github"));
    clock.advance(Duration.ofSeconds(1));
    refuse(5, "a");

    assertThat(only().count()).isEqualTo(5);
    assertThat(only().since()).isEqualTo(clock.instant());
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
    nanos.addAndGet(Duration.ofMillis(4_501).toNanos()); // after a pause of 3 s
    assertThat(monotonic.all()).extracting(Outage::ended).containsExactly(true);
    nanos.addAndGet(Outages.KEPT.toNanos());
    assertThat(monotonic.all()).isEmpty();
  }

  /** Its callers come back every 20 s, as an open circuit tells them. */
  @Test
  void an_upstream_that_issues_again_has_no_outage_after_3_seconds() {
    RefusedPeer sso = new RefusedPeer(SubjectKind.UPSTREAM, "sso");
    CountedOutage outage =
        new CountedOutage(sso, RefusalReason.UPSTREAM_CIRCUIT_OPEN, true, _ -> false);
    for (int wave = 0; wave < 4; wave++) {
      clock.advance(Duration.ofSeconds(20));
      outage.add(now(), now(), wave, true);
    }
    long last = clock.nanoTime();
    for (int served = 0; served < 8; served++) {
      assertThat(outage.at(last + 4_000_000_000L).ended()).isFalse();
      outage.serve();
    }
    assertThat(outage.at(last + 4_000_000_000L).ended()).isTrue();
    assertThat(outage.at(last + 3_000_000_000L).ended()).isFalse();

    clock.advance(Duration.ofSeconds(4));
    outage.add(now(), now(), 0, true);
    assertThat(outage.at(clock.nanoTime()).count()).as("of another outage").isEqualTo(1);
  }

  private CountedOutage.Moment now() {
    return new CountedOutage.Moment(clock.instant(), clock.nanoTime());
  }

  /** Slow at first, then a storm. */
  @Test
  void a_pause_counts_no_longer_a_minute_after_it() {
    for (int wave = 0; wave < 4; wave++) {
      refuse(RefusalReason.NO_RULE_MATCHED, "a");
      clock.advance(Duration.ofSeconds(20));
    }
    for (int milli = 0; milli < 61_000; milli++) {
      refuse(RefusalReason.NO_RULE_MATCHED, "a");
      clock.advance(Duration.ofMillis(1));
    }
    assertThat(only().ended()).isFalse();

    clock.advance(Duration.ofSeconds(3));
    assertThat(only().ended()).isTrue();
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
    clock.advance(Duration.ofSeconds(5));
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
    clock.advance(Duration.ofSeconds(8));
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
    return new Outages(_ -> Optional.empty(), changes, TestEvidence.CAUSES, with);
  }

  private static Change change(ChangeKind kind, String subject) {
    SubjectKind subjectKind =
        switch (kind) {
          case FEDERATION_LOADED -> SubjectKind.FEDERATION;
          case SECRET_RELOADED -> SubjectKind.UPSTREAM;
          case STORE_LOST -> SubjectKind.STORE;
          default -> SubjectKind.ISSUER;
        };
    return new Change(kind, subjectKind, subject, "a", "b");
  }

  private void refuse(int times, String subject) {
    for (int at = 0; at < times; at++) {
      refuse(RefusalReason.NO_RULE_MATCHED, subject);
    }
  }

  private void refuse(RefusalReason reason, String subject) {
    outages.ended(record(reason, subject, false));
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
    var _ = trail.refuse(Step.KEY, Refusal.of(reason).clue(clue));
    Verdict verdict = Verdict.of("id", clock.instant(), Intent.EXCHANGE, "", "orders", trail);
    return of(verdict, subject, Duration.ZERO);
  }

  private static ExchangeRecord of(Verdict verdict, @Nullable String subject, Duration duration) {
    return new ExchangeRecord(verdict, "", "", "d1", subject, null, null, null, false, duration);
  }
}
