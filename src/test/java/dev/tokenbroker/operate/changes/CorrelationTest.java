package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CorrelationTest {

  private static final String GITHUB = "https://token.actions.githubusercontent.com";

  /** Those of each issuer of these tests for one target. */
  private static final Set<String> RULES =
      Stream.concat(Stream.of("github"), IntStream.range(0, 100).mapToObj(at -> "issuer-" + at))
          .map(issuer -> Clue.entry("rules", Clue.route(issuer, "pay"), "left"))
          .collect(Collectors.toUnmodifiableSet());

  private final TestClock clock = new TestClock();
  private final ChangeLog log =
      new ChangeLog(
          Optional::empty,
          clock,
          change -> change.subject().equals(GITHUB) ? Optional.of("github") : Optional.empty());
  private final RefusalHistory history = new RefusalHistory(clock, () -> Set.of("pay"));
  private final Correlation correlation = new Correlation(log, history, TestEvidence.CAUSES, clock);

  /** Refusals in the five minutes before and in the minute after a removed key. */
  @ParameterizedTest
  @CsvSource({
    "0, 4, false",
    "0, 5, true",
    "1, 5, true",
    "2, 7, false",
    "2, 8, true",
    "10, 39, false",
    "10, 40, true",
    "41, 41, false",
  })
  void joins_refusals_that_rose_fourfold_to_five_at_least(int before, int after, boolean joined) {
    clock.advance(Duration.ofMinutes(10));
    refuse(before, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofMinutes(4));
    log.changed(removed(GITHUB));
    clock.advance(Duration.ofSeconds(40));
    refuse(after, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofSeconds(20));

    correlation.round();

    assertThat(log.events().getFirst().joined()).hasSize(joined ? 1 : 0);
  }

  @Test
  void says_what_rose_when_and_after_what() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(removed(GITHUB));
    clock.advance(Duration.ofSeconds(40));
    refuse(41, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofSeconds(20));
    correlation.round();

    ChangeEvent event = log.events().getFirst();
    assertThat(event.joined())
        .singleElement()
        .extracting(risen -> risen.text(event))
        .isEqualTo(
            "KEY_UNKNOWN of github rose, 40 s after key-removed of issuer github:"
                + " kid a -> (none)");
    assertThat(log.joined(ChangeKind.KEY_REMOVED)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    // another issuer; a reason that the change cannot cause; an upstream of the same name
    "ISSUER, gitlab, KEY_UNKNOWN",
    "ISSUER, github, NO_RULE_MATCHED",
    "ISSUER, github, CREDENTIAL_EXPIRED",
    "UPSTREAM, github, KEY_UNKNOWN",
  })
  void joins_nothing_that_the_change_cannot_have_caused(
      SubjectKind kind, String name, RefusalReason reason) {
    clock.advance(Duration.ofMinutes(10));
    log.changed(removed(GITHUB));
    for (int at = 0; at < 100; at++) {
      history.count(TestEvidence.of(new RefusedPeer(kind, name), reason, true));
    }
    clock.advance(Duration.ofSeconds(20));

    correlation.round();

    assertThat(log.events().getFirst().joined()).isEmpty();
  }

  @Test
  void joins_nothing_that_came_more_than_five_minutes_later() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(removed(GITHUB));
    clock.advance(Duration.ofMinutes(5));
    refuse(100, "github", RefusalReason.KEY_UNKNOWN);
    for (int at = 0; at < 3; at++) {
      correlation.round();
      clock.advance(Duration.ofSeconds(5));
    }

    assertThat(log.events().getFirst().joined()).isEmpty();
  }

  @Test
  void joins_refusals_to_the_second_revision_but_not_to_the_first() {
    log.changed(loaded("", "revision a"));
    refuse(50, "github", RefusalReason.NO_RULE_MATCHED);
    clock.advance(Duration.ofMinutes(9));
    log.changed(loaded("revision a", "revision b"));
    refuse(50, "github", RefusalReason.NO_RULE_MATCHED);
    clock.advance(Duration.ofSeconds(10));

    correlation.round();

    assertThat(log.events().get(0).joined()).isEmpty();
    assertThat(log.events().get(1).joined()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = RefusalReason.class,
      names = {"NO_RULE_MATCHED", "AUDIENCE_MISMATCH", "RULE_EVALUATION_FAILED"})
  void joins_refusals_by_rules_and_audiences_to_a_new_claim_shape(RefusalReason reason) {
    clock.advance(Duration.ofMinutes(10));
    log.changed(
        Change.ofIssuer(
                ChangeKind.CLAIM_SHAPE_CHANGED,
                GITHUB,
                "sub: <name>",
                "sub: <uuid> (read by rule a)")
            .with(Clue.of(Clue.claims("pay"), RefusalReason.AUDIENCE_MISMATCH.name())));
    refuse(20, "github", reason);
    refuse(20, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofSeconds(10));

    correlation.round();

    assertThat(log.events().getFirst().joined())
        .singleElement()
        .satisfies(risen -> assertThat(risen.reason()).isEqualTo(reason));
  }

  @Test
  void joins_the_last_of_several_revisions_before_the_refusals() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(loaded("revision a", "revision b"));
    clock.advance(Duration.ofSeconds(30));
    log.changed(loaded("revision b", "revision c"));
    clock.advance(Duration.ofSeconds(10));
    refuse(50, "github", RefusalReason.NO_RULE_MATCHED);
    clock.advance(Duration.ofSeconds(10));
    log.changed(loaded("revision c", "revision d"));

    correlation.round();

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(0, 1, 0);
  }

  /** All within one bucket of counters. */
  @Test
  void does_not_join_a_revision_that_fixes_the_last_one_in_seconds() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(loaded("revision a", "revision b"));
    refuse(50, "github", RefusalReason.NO_RULE_MATCHED);
    clock.advance(Duration.ofSeconds(3));
    log.changed(loaded("revision b", "revision c"));
    clock.advance(Duration.ofSeconds(10));

    correlation.round();

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(1, 0);
  }

  @Test
  void joins_the_last_revision_even_seconds_before_the_refusals() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(loaded("revision a", "revision b"));
    clock.advance(Duration.ofSeconds(21));
    log.changed(loaded("revision b", "revision c"));
    clock.advance(Duration.ofSeconds(2));
    refuse(50, "github", RefusalReason.NO_RULE_MATCHED);

    correlation.round();

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(0, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "CA_BUNDLE_RELOADED, TLS, UPSTREAM_TLS_UNTRUSTED, corp",
    "SECRET_RELOADED, UPSTREAM, UPSTREAM_CLIENT_REFUSED, sso",
  })
  void joins_the_last_of_several_bundles_or_secrets(
      ChangeKind kind, SubjectKind subject, RefusalReason reason, String name) {
    clock.advance(Duration.ofMinutes(10));
    for (int at = 0; at < 2; at++) {
      log.changed(new Change(kind, subject, name, "", "").with(Clue.of("removed")));
      clock.advance(Duration.ofSeconds(10));
    }
    for (int at = 0; at < 10; at++) {
      history.count(TestEvidence.of(new RefusedPeer(SubjectKind.UPSTREAM, "sso"), reason, true));
    }

    correlation.round();

    assertThat(log.events()).extracting(event -> event.joined().size()).containsExactly(0, 1);
  }

  /** The fetch that is the look before a removed key also ends the cool-down of a missing one. */
  @Test
  void a_missing_key_refused_for_a_new_reason_is_no_rise() {
    clock.advance(Duration.ofMinutes(10));
    for (int second = 0; second < 90; second++) {
      refuse(
          2,
          "github",
          second < 30 ? RefusalReason.KEY_REFETCH_COOLING_DOWN : RefusalReason.KEY_UNKNOWN);
      if (second == 60) {
        log.changed(removed(GITHUB).since(Duration.ofSeconds(30)));
      }
      if (second % 5 == 4) {
        correlation.round();
      }
      clock.advance(Duration.ofSeconds(1));
    }

    assertThat(log.events().getFirst().joined()).isEmpty();
  }

  @Test
  void a_steady_rate_soon_after_a_start_joins_nothing() {
    for (int at = 0; at < 6; at++) {
      refuse(5, "github", RefusalReason.KEY_UNKNOWN);
      clock.advance(Duration.ofSeconds(5));
    }
    log.changed(removed(GITHUB));
    for (int at = 0; at < 70; at++) {
      refuse(5, "github", RefusalReason.KEY_UNKNOWN);
      correlation.round();
      clock.advance(Duration.ofSeconds(5));
    }

    assertThat(log.events().getFirst().joined()).isEmpty();
  }

  /**
   * Refusals at times around a look at 600 s and the event at 640 s: one each second from the first
   * to before the second.
   */
  @ParameterizedTest
  @CsvSource({
    // the kid is replaced just after the look; the last refusals notice it
    "605, 640, true, -35",
    "637, 643, true, -5",
    // the refusals before the event are the only ones
    "610, 630, true, -30",
    "642, 660, true, 0",
    "680, 700, true, 40",
    // they began before the look
    "595, 660, false, 0",
    "590, 640, false, 0",
    "570, 900, false, 0",
    "300, 900, false, 0",
    "500, 520, false, 0",
  })
  void joins_refusals_since_the_previous_look_and_no_earlier_ones(
      int from, int to, boolean joined, long delay) {
    for (int second = 0; second < 950; second++) {
      if (second == 640) {
        log.changed(removed(GITHUB).since(Duration.ofSeconds(40)));
      }
      if (second >= from && second < to) {
        refuse(1, "github", RefusalReason.SIGNATURE_INVALID);
      }
      if (second % 5 == 4) {
        correlation.round();
      }
      clock.advance(Duration.ofSeconds(1));
    }

    List<RisenRefusals> risen = log.events().getFirst().joined();
    assertThat(risen).hasSize(joined ? 1 : 0);
    if (joined) {
      assertThat(risen.getFirst().before()).isZero();
      assertThat(risen.getFirst().delaySeconds()).isEqualTo(delay);
    }
  }

  @Test
  void says_that_refusals_began_before_the_change_was_noticed() {
    clock.advance(Duration.ofMinutes(10));
    refuse(41, "github", RefusalReason.SIGNATURE_INVALID);
    clock.advance(Duration.ofSeconds(25));
    log.changed(removed(GITHUB).since(Duration.ofSeconds(30)));
    correlation.round();

    ChangeEvent event = log.events().getFirst();
    assertThat(event.joined())
        .singleElement()
        .extracting(risen -> risen.text(event))
        .isEqualTo(
            "SIGNATURE_INVALID of github rose, beginning 25 s before the broker"
                + " noticed key-removed of issuer github: kid a -> (none)");
  }

  @Test
  void looks_back_five_minutes_at_most() {
    clock.advance(Duration.ofMinutes(10));
    refuse(100, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofSeconds(310));
    log.changed(removed(GITHUB).since(Duration.ofHours(1)));
    correlation.round();

    assertThat(log.events().getFirst().joined()).isEmpty();
  }

  @Test
  void a_past_burst_does_not_hide_the_next() {
    clock.advance(Duration.ofMinutes(5));
    refuse(500, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofMinutes(6));
    log.changed(removed(GITHUB));
    refuse(10, "github", RefusalReason.KEY_UNKNOWN);
    clock.advance(Duration.ofSeconds(20));
    correlation.round();

    assertThat(log.events().getFirst().joined()).hasSize(1);
  }

  @Test
  void joins_the_32_most_frequent_to_a_change_that_concerns_all() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(loaded("revision a", "revision b"));
    for (int at = 0; at < 100; at++) {
      refuse(100 + at, "issuer-" + at, RefusalReason.NO_RULE_MATCHED);
    }
    correlation.round();
    refuse(1_000, "issuer-0", RefusalReason.NO_RULE_MATCHED);
    clock.advance(Duration.ofSeconds(5));
    correlation.round();

    List<RisenRefusals> joined = log.events().getFirst().joined();
    assertThat(joined).hasSize(Correlation.MAX_JOINED);
    assertThat(joined.getFirst().name()).isEqualTo("issuer-99");
    assertThat(joined).extracting(RisenRefusals::name).doesNotContain("issuer-0");
    assertThat(log.joined(ChangeKind.FEDERATION_LOADED)).isEqualTo(Correlation.MAX_JOINED);
  }

  @Test
  void a_join_stays_and_is_counted_once() {
    clock.advance(Duration.ofMinutes(10));
    log.changed(removed(GITHUB));
    refuse(10, "github", RefusalReason.KEY_UNKNOWN);
    for (int at = 0; at < 200; at++) {
      clock.advance(Duration.ofSeconds(5));
      correlation.round();
    }

    assertThat(log.events().getFirst().joined()).hasSize(1);
    assertThat(log.joined(ChangeKind.KEY_REMOVED)).isEqualTo(1);
    assertThat(history.counted()).isEmpty();
  }

  @Test
  void refusals_are_counted_for_4096_names_and_reasons_at_most() {
    for (int at = 0; at < 10_000; at++) {
      count("issuer-" + at, RefusalReason.KEY_UNKNOWN, at % 2 == 0);
    }
    assertThat(history.counted()).hasSize(RefusalHistory.MAX_COUNTERS);
    assertThat(history.counted())
        .filteredOn(counter -> !counter.refused().proved())
        .hasSize(RefusalHistory.MAX_COUNTERS / 4);

    clock.advance(Duration.ofMinutes(16));
    history.forgetPast();

    assertThat(history.counted()).isEmpty();
  }

  private void refuse(int times, String issuer, RefusalReason reason) {
    for (int at = 0; at < times; at++) {
      count(issuer, reason, true);
    }
  }

  private void count(String issuer, RefusalReason reason, boolean evidence) {
    history.count(TestEvidence.of(new RefusedPeer(SubjectKind.ISSUER, issuer), reason, evidence));
  }

  private static Change removed(String issuer) {
    return TestEvidence.removed(issuer);
  }

  /** All rules for the target of {@link TestEvidence} differ. */
  private static Change loaded(String was, String is) {
    Change change = new Change(ChangeKind.FEDERATION_LOADED, SubjectKind.FEDERATION, "", was, is);
    return was.isEmpty() ? change : change.with(new Clue.Names(RULES, false));
  }
}
