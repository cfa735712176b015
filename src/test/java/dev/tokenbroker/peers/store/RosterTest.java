package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Replicas that hear each other through a store in memory. */
class RosterTest {

  @RegisterExtension private final Logged logged = Logged.by(RosterNews.class);

  private final TestStore store = new TestStore();
  private final AtomicLong nanos = new AtomicLong();
  private final List<Change> changes = new ArrayList<>();
  private final Roster one = roster();
  private final Roster two = roster();

  private Roster roster() {
    return new Roster(true, store, new TestClocks(() -> TestClock.START, nanos::get), changes::add);
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
    pass(Duration.ofSeconds(30));
    assertThat(changes).isEmpty();
  }

  @Test
  void a_replica_that_vanishes_is_one_change() {
    two.tell("name", () -> "two");
    two.round();
    pass(Duration.ofSeconds(9));
    assertThat(changes).isEmpty();

    pass(Duration.ofSeconds(30));

    assertThat(changes)
        .containsExactly(
            new Change(
                ChangeKind.REPLICA_GONE, SubjectKind.BROKER, "two", "up", "silent for 10 s"));
  }

  /** A replica that is killed and started again has its name twice, for as long as a lapse. */
  @Test
  void logs_who_is_up_and_a_name_that_two_replicas_keep() {
    RosterNews news = new RosterNews(changes::add);
    Replica self = replica("1", "one");
    news.look(self, List.of(), _ -> false);
    assertThat(logged.lines()).isEmpty();

    for (int round = 0; round < 20; round++) {
      news.look(self, List.of(replica("2", "two"), replica("3", "two")), _ -> false);
      assertThat(logged.lines()).hasSize(round < 6 ? 1 : 2);
    }

    assertThat(logged.lines())
        .containsExactly(
            "INFO Replicas that are up: 3: one (revision 0123456789ab), two (revision"
                + " 0123456789ab), two (revision 0123456789ab)",
            "WARNING Several replicas have the name two. Give each another one by"
                + " token-broker.store.replica-name.");
  }

  private static Replica replica(String id, String name) {
    return new Replica(
        id, 1, false, new TreeMap<>(Map.of("name", name, "revision", "0123456789abcdef")));
  }

  @Test
  void tells_how_long_each_replica_is_silent() {
    two.round();
    pass(Duration.ofSeconds(3));

    assertThat(one.all().values()).containsExactly(Duration.ZERO, Duration.ofSeconds(3));
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
  void a_replica_has_the_name_that_the_settings_give() {
    Roster named =
        new Roster(TestStoreSettings.withKeys(), store, () -> TestClock.START, ChangeListener.NONE);
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
