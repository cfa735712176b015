package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.Clue;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.Intent;
import dev.tokenbroker.evaluate.exchange.Verdict;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutagesTest {

  private final TestClock clock = new TestClock();
  private final Outages outages = new Outages(_ -> Optional.empty(), clock);

  @Test
  void refusals_of_one_issuer_for_one_reason_are_one_outage_with_one_count() {
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
  void an_outage_ends_after_three_seconds_of_silence_and_the_next_one_counts_anew() {
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
    assertThat(only().count()).isEqualTo(4);

    clock.advance(Duration.ofSeconds(11));
    assertThat(only().ended()).isTrue();
  }

  /** Its callers come back every 20 s, as an open circuit tells them. */
  @Test
  void an_upstream_that_issues_tokens_again_has_no_outage_after_three_seconds() {
    RefusedPeer sso = new RefusedPeer(SubjectKind.UPSTREAM, "sso");
    CountedOutage outage = new CountedOutage(sso, RefusalReason.UPSTREAM_CIRCUIT_OPEN, true);
    Instant last = TestClock.START;
    for (int wave = 0; wave < 4; wave++) {
      last = last.plusSeconds(20);
      outage.add(last, last, wave, true);
    }
    for (int served = 0; served < 8; served++) {
      assertThat(outage.at(last.plusSeconds(4)).ended()).isFalse();
      outage.serve();
    }
    assertThat(outage.at(last.plusSeconds(4)).ended()).isTrue();
    assertThat(outage.at(last.plusSeconds(3)).ended()).isFalse();
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
    ExchangeRecord effect = record(RefusalReason.KEY_REFETCH_COOLING_DOWN, null, false);
    outages.ended(effect);

    assertThat(outages.causeOf(effect.verdict()))
        .map(Outage::reason)
        .contains(RefusalReason.KEYS_UNREACHABLE);
    assertThat(outages.causeOf(record(RefusalReason.KEY_UNKNOWN, null, false).verdict())).isEmpty();
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
    Clue named =
        effect == RefusalReason.KEY_REFETCH_COOLING_DOWN ? Clue.none() : Clue.of(cause.name());

    assertThat(outages.causeOf(record("github", effect, "a", named).verdict()))
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
