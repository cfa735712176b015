package dev.tokenbroker.judge.possession;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.possession.ReplayWindow.WindowFinding;
import dev.tokenbroker.process.runtime.AtOnce;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {

  private static final String KEY = "thumbprint";
  private static final int MOST = 64;

  /** By the default settings: max-age, leeway, and the second more. */
  private static final Duration RETENTION = Duration.ofSeconds(71);

  private final TestClock clock = new TestClock();
  private final ReplayWindow window =
      new ReplayWindow(TestDpopSettings.defaults().withMaxRemembered(MOST), clock::nanoTime);

  @Test
  void looking_says_what_taking_would_and_takes_nothing() {
    assertThat(look("a")).isEqualTo(WindowFinding.FRESH);
    assertThat(take("a")).isEqualTo(WindowFinding.FRESH);
    assertThat(look("a")).isEqualTo(WindowFinding.REPEATED);
    fill(MOST - 1);

    assertThat(look("b")).isEqualTo(WindowFinding.FULL);
    assertThat(look("a")).isEqualTo(WindowFinding.REPEATED);
    assertThat(window.remembered()).isEqualTo(MOST);
  }

  @Test
  void looking_finds_room_once_the_first_is_over() {
    fill(MOST);
    clock.advance(RETENTION);
    assertThat(look("a")).isEqualTo(WindowFinding.FULL);

    clock.advance(Duration.ofNanos(1));

    assertThat(look("a")).isEqualTo(WindowFinding.FRESH);
  }

  @Test
  void says_how_long_it_takes_until_the_first_is_over() {
    assertThat(window.untilRoom()).isZero();
    assertThat(take("a")).isEqualTo(WindowFinding.FRESH);
    clock.advance(Duration.ofSeconds(30));
    assertThat(take("b")).isEqualTo(WindowFinding.FRESH);

    assertThat(window.untilRoom()).isEqualTo(RETENTION.minusSeconds(30).plusNanos(1));
    clock.advance(window.untilRoom());
    assertThat(look("a")).isNotEqualTo(WindowFinding.REPEATED);
    assertThat(window.untilRoom()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void has_room_at_once_where_the_first_is_over_and_not_forgotten() {
    assertThat(take("a")).isEqualTo(WindowFinding.FRESH);
    clock.advance(RETENTION.multipliedBy(2));

    assertThat(window.untilRoom()).isZero();
  }

  @Test
  void counts_those_only_that_are_not_over() {
    fill(MOST);
    clock.advance(RETENTION);
    assertThat(window.remembered()).isEqualTo(MOST);

    clock.advance(Duration.ofNanos(1));

    assertThat(window.remembered()).isZero();
    assertThat(window.limit()).isEqualTo(MOST);
  }

  @Test
  void accepts_nothing_made_no_later_than_a_forgotten_entry() {
    assertThat(window.take(KEY, "a", clock.instant(), TestProof.somebody()))
        .isEqualTo(WindowFinding.FRESH);
    assertThat(window.take(KEY, "b", clock.instant().minusSeconds(9), TestProof.somebody()))
        .isEqualTo(WindowFinding.FRESH);
    clock.advance(RETENTION.plusNanos(1));

    for (String jti : List.of("a", "b", "c")) {
      assertThat(window.look(KEY, jti, TestClock.START)).isEqualTo(WindowFinding.FORGOTTEN);
      assertThat(window.take(KEY, jti, TestClock.START, TestProof.somebody()))
          .isEqualTo(WindowFinding.FORGOTTEN);
    }
    assertThat(window.forgottenUpTo()).isEqualTo(TestClock.START);
    assertThat(window.take(KEY, "c", TestClock.START.plusMillis(1), TestProof.somebody()))
        .isEqualTo(WindowFinding.FRESH);
  }

  @Test
  void of_many_who_bring_the_same_at_once_one_may() throws Exception {
    assertThat(AtOnce.results(MOST, _ -> () -> take("same")))
        .hasSize(MOST)
        .containsOnlyOnce(WindowFinding.FRESH)
        .contains(WindowFinding.REPEATED);
  }

  @Test
  void nobody_is_refused_for_want_of_room_while_others_make_it() throws Exception {
    for (int round = 0; round < 20; round++) {
      String prefix = "round " + round + " ";

      assertThat(AtOnce.results(MOST, at -> () -> take(prefix + at)))
          .containsOnly(WindowFinding.FRESH);
      clock.advance(RETENTION.plusNanos(1));
    }
  }

  private void fill(int proofs) {
    for (int at = 0; at < proofs; at++) {
      assertThat(take("filler " + at)).isEqualTo(WindowFinding.FRESH);
    }
  }

  private WindowFinding look(String jti) {
    return window.look(KEY, jti, clock.instant());
  }

  private WindowFinding take(String jti) {
    return window.take(KEY, jti, clock.instant(), TestProof.somebody());
  }
}
