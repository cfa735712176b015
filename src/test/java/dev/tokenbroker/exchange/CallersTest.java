package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallersTest {

  private final Callers callers = new Callers();
  private final AtomicInteger undone = new AtomicInteger();
  private final TestPresence presence = new TestPresence();
  private final Waiting first = waiting(presence);

  @Test
  void are_not_given_up_before_anybody_has_come() {
    assertThat(callers.giveUp()).isFalse();
    assertThat(callers.join(first)).isTrue();
  }

  @Test
  void are_not_given_up_while_one_of_them_waits() {
    Waiting second = waiting(Presence.ALWAYS);
    assertThat(callers.join(first)).isTrue();
    assertThat(callers.join(second)).isTrue();
    presence.goAway();
    assertThat(callers.giveUp()).isFalse();
    callers.leave(first);
    assertThat(callers.giveUp()).isFalse();
    callers.leave(second);
    assertThat(callers.giveUp()).isTrue();
  }

  @Test
  void take_nobody_in_once_they_are_given_up() {
    assertThat(callers.join(first)).isTrue();
    presence.goAway();
    assertThat(callers.giveUp()).isTrue();
    assertThat(callers.join(waiting(Presence.ALWAYS))).isFalse();
    assertThat(callers.giveUp()).isTrue();
    assertThat(callers.take()).isFalse();
  }

  /** Or whoever comes then, and is judged anew, would find it done still. */
  @Test
  void have_undone_what_was_done_before_they_turn_anybody_away() {
    assertThat(callers.join(first)).isTrue();
    callers.whereGivenUp(
        () -> {
          assertThat(Thread.holdsLock(callers)).isTrue();
          undone.incrementAndGet();
        });
    presence.goAway();
    assertThat(callers.giveUp()).isTrue();
    callers.leave(first);
    callers.giveUpUntaken();
    assertThat(undone).hasValue(1);
  }

  /** One who comes while the others are looked at is seen or counted. */
  @Test
  void are_not_given_up_where_one_comes_while_the_others_are_looked_at() {
    Waiting coming = waiting(Presence.ALWAYS);
    Waiting looked =
        new Waiting(TestExchange.enough(), TestHome.leftWhere(() -> callers.join(coming)), _ -> {});
    assertThat(callers.join(looked)).isTrue();
    assertThat(callers.giveUp()).isFalse();
    callers.leave(looked);
    assertThat(callers.giveUp()).isFalse();
  }

  @Test
  void take_once_what_is_for_one_only_which_is_not_undone_then() {
    assertThat(callers.join(first)).isTrue();
    callers.whereGivenUp(undone::incrementAndGet);
    assertThat(callers.take()).isTrue();
    assertThat(callers.take()).isFalse();
    callers.leave(first);
    callers.giveUpUntaken();
    assertThat(callers.giveUp()).isFalse();
    assertThat(undone).hasValue(0);
  }

  @Test
  void give_up_what_nobody_is_left_to_take() {
    assertThat(callers.join(first)).isTrue();
    callers.whereGivenUp(undone::incrementAndGet);
    callers.giveUpUntaken();
    assertThat(undone).hasValue(0);
    callers.leave(first);
    callers.giveUpUntaken();
    callers.giveUpUntaken();
    assertThat(undone).hasValue(1);
    assertThat(callers.join(first)).isFalse();
  }

  /** A token that is held for whoever comes is shared with them, too. */
  @Test
  void may_come_still_where_nothing_is_to_be_undone() {
    assertThat(callers.join(first)).isTrue();
    callers.leave(first);
    callers.giveUpUntaken();
    assertThat(callers.join(first)).isTrue();
  }

  private static Waiting waiting(Presence presence) {
    return new Waiting(TestExchange.enough(), TestHome.of(presence), _ -> {});
  }
}
