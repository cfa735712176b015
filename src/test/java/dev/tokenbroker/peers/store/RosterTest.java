package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Replicas that hear each other through a store in memory. */
class RosterTest {

  private final TestStore store = new TestStore();
  private final AtomicLong nanos = new AtomicLong();
  private final Roster one = roster();
  private final Roster two = roster();

  private Roster roster() {
    return new Roster(true, store, new TestClocks(() -> TestClock.START, nanos::get));
  }

  /** Lets time pass, in which the first replica goes on with its rounds. */
  private void pass(Duration time) {
    for (int second = 0; second < time.toSeconds(); second++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      one.round();
    }
  }

  private static List<String> ids(List<Replica> replicas) {
    return replicas.stream().map(Replica::id).toList();
  }

  @Test
  void a_broker_that_shares_nothing_is_alone() {
    Roster alone = new Roster(false, new OneReplica(), Clocks.system());

    assertThat(alone.size()).isEqualTo(1);
    assertThat(alone.others()).isEmpty();
    assertThat(alone.silence()).isZero();
  }

  @Test
  void replicas_hear_each_other_and_what_they_tell() {
    two.tell("revision", () -> "abc");
    one.round();
    two.round();

    assertThat(ids(one.others())).containsExactly(two.id());
    assertThat(ids(two.others())).containsExactly(one.id());
    assertThat(one.others().getFirst().fact("revision")).isEqualTo("abc");
    assertThat(one.others().getFirst().fact("other")).isEmpty();
    assertThat(one.size()).isEqualTo(2);
  }

  @Test
  void facts_are_asked_in_the_order_of_their_names() {
    List<String> asked = new ArrayList<>();
    List<String> names = List.of("unsettled", "serves", "name", "revision", "bound", "b", "a");
    for (String name : names) {
      two.tell(
          name,
          () -> {
            asked.add(name);
            return "";
          });
    }

    two.round();

    assertThat(asked).hasSameSizeAs(names).isSorted();
  }

  @Test
  void each_replica_has_a_rank_of_its_own() {
    Roster three = roster();
    assertThat(one.rank()).isEqualTo(Rank.ALONE);

    one.round();
    two.round();
    three.round();

    assertThat(List.of(one.rank(), two.rank(), three.rank()))
        .containsExactlyInAnyOrder(new Rank(0, 3), new Rank(1, 3), new Rank(2, 3));
  }

  @Test
  void a_replica_that_is_not_heard_for_ten_seconds_is_down() {
    two.round();
    pass(Duration.ofSeconds(9));
    assertThat(one.size()).isEqualTo(2);

    pass(Duration.ofSeconds(1));
    assertThat(one.size()).isEqualTo(1);

    two.round();
    assertThat(one.size()).isEqualTo(2);
  }

  @Test
  void a_replica_that_stops_is_down_at_once() {
    two.round();
    assertThat(one.size()).isEqualTo(2);

    two.stop(new Shutdown());

    assertThat(one.size()).isEqualTo(1);
  }

  @Test
  void an_old_message_that_comes_again_keeps_nobody_up() {
    two.round();
    Replica old = one.others().getFirst();
    two.round();
    pass(Duration.ofSeconds(11));

    one.heard(new LogEntry(TestClock.START, old.content()));

    assertThat(one.size()).isEqualTo(1);
  }

  @Test
  void the_last_known_ones_count_while_the_store_is_away() {
    two.round();
    store.away(true);
    for (int seconds = 1; seconds <= 60; seconds++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      store.silent(Duration.ofSeconds(seconds));
      one.round();
      assertThat(one.size()).isEqualTo(2);
    }
    store.away(false);
    store.silent(Duration.ZERO);
    assertThat(one.size()).isEqualTo(2);
    pass(Duration.ofSeconds(3));
    two.round();
    pass(Duration.ofSeconds(9));
    assertThat(one.size()).isEqualTo(2);
    pass(Duration.ofSeconds(2));
    assertThat(one.size()).isEqualTo(1);
  }

  @Test
  void the_clock_of_another_replica_is_compared() {
    Roster ahead =
        new Roster(true, store, new TestClocks(() -> TestClock.START.plusSeconds(7), nanos::get));
    ahead.round();

    assertThat(one.ahead(one.others().getFirst())).contains(Duration.ofSeconds(7));
  }

  @Test
  void a_replica_has_the_name_that_the_settings_give() {
    Roster named = new Roster(TestStoreSettings.withKeys(), store, () -> TestClock.START);
    named.round();

    assertThat(one.others().getFirst().name()).isEqualTo("a-replica");
    assertThat(one.self().name()).isEqualTo(one.id());
  }

  @Test
  void a_message_of_another_form_is_left_out() {
    byte[] content = new Replica("id", 1, false, new TreeMap<>()).content();

    one.heard(new LogEntry(TestClock.START, new byte[] {1, 2, 3}));
    for (int length = 0; length < content.length; length++) {
      one.heard(new LogEntry(TestClock.START, Arrays.copyOf(content, length)));
    }

    assertThat(one.size()).isEqualTo(1);
  }
}
