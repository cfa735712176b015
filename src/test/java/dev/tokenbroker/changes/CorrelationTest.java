package dev.tokenbroker.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.SubjectKind;
import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorrelationTest {

  private static final String GITHUB = "https://token.actions.githubusercontent.com";

  private final TestClock clock = new TestClock();
  private final ChangeLog log = new ChangeLog(Optional::empty, clock);
  private final RefusalHistory history = new RefusalHistory(clock::nanoTime);
  private final Correlation correlation =
      new Correlation(
          log,
          history,
          identifier -> identifier.equals(GITHUB) ? Optional.of("github") : Optional.empty(),
          clock);

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
            "KEY_UNKNOWN of github: 0 -> 41 a minute, 40 s after key-removed of issuer "
                + GITHUB
                + ": kid a -> (none)");
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
      history.count(kind, name, reason);
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
  void joins_nothing_to_the_first_revision_after_a_start_but_to_the_next() {
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
      history.count(SubjectKind.ISSUER, "issuer-" + at, RefusalReason.KEY_UNKNOWN);
    }
    assertThat(history.counted()).hasSize(RefusalHistory.MAX_COUNTERS);

    clock.advance(Duration.ofMinutes(11));
    history.forgetPast();

    assertThat(history.counted()).isEmpty();
  }

  private void refuse(int times, String issuer, RefusalReason reason) {
    for (int at = 0; at < times; at++) {
      history.count(SubjectKind.ISSUER, issuer, reason);
    }
  }

  private static Change removed(String issuer) {
    return Change.ofIssuer(ChangeKind.KEY_REMOVED, issuer, "kid a", "");
  }

  private static Change loaded(String was, String is) {
    return new Change(ChangeKind.FEDERATION_LOADED, SubjectKind.FEDERATION, "", was, is);
  }
}
