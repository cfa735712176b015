package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.SubjectKind;
import dev.tokenbroker.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three replicas that share a store in memory; the first one compares them. */
class ReplicaDifferencesTest {

  private static final Duration SETTLING = Duration.ofSeconds(60);

  private final TestStore store = new TestStore();
  private final AtomicLong nanos = new AtomicLong();
  private final List<Change> changes = new ArrayList<>();
  private final List<TestReplica> replicas = new ArrayList<>();
  private final TestReplica one = replica("one");
  private final TestReplica two = replica("two");
  private final TestReplica three = replica("three");
  private final ReplicaDifferences differences =
      new ReplicaDifferences(SETTLING, one.roster, changes::add, nanos::get);

  /** A replica, what it tells, and how far its clock is ahead. */
  private static final class TestReplica {
    private final Map<String, String> facts = new HashMap<>();
    private final Roster roster;
    private Duration ahead = Duration.ZERO;

    TestReplica(String name, TestStore store, AtomicLong nanos) {
      roster = new Roster(true, store, () -> TestClock.START.plus(ahead), nanos::get);
      facts.put(Replica.NAME, name);
      facts.put(ComparedFact.BUILD.label(), "1.0");
      facts.put(ComparedFact.REVISION.label(), "a".repeat(64));
      facts.put(ComparedFact.KEYS.label(), keys("11111111", "22222222"));
      facts.keySet().forEach(fact -> roster.tell(fact, () -> facts.getOrDefault(fact, "")));
    }

    void tells(ComparedFact fact, String value) {
      facts.put(fact.label(), value);
    }
  }

  private TestReplica replica(String name) {
    TestReplica replica = new TestReplica(name, store, nanos);
    replicas.add(replica);
    return replica;
  }

  private static String keys(String github, String corp) {
    return FactParts.text(new TreeMap<>(Map.of("github", github, "corp", corp)));
  }

  @BeforeEach
  void start() {
    differences.start(new Startup());
  }

  /** Lets time pass, in which all replicas go on with their rounds. */
  private void pass(Duration time) {
    for (long second = 0; second < time.toSeconds(); second++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      replicas.reversed().forEach(replica -> replica.roster.round());
    }
  }

  private List<String> found() {
    return differences.all().stream()
        .map(
            each ->
                "%s: %s, others %s"
                    .formatted(each.replica().name(), each.text(), each.textOfOthers()))
        .toList();
  }

  @Test
  void equal_replicas_do_not_differ() {
    pass(SETTLING.multipliedBy(2));

    assertThat(found()).isEmpty();
    assertThat(changes).isEmpty();
  }

  @Test
  void the_one_that_differs_from_most_is_seen_at_once_and_a_change_after_the_settling_time() {
    two.tells(ComparedFact.REVISION, "b".repeat(64));
    pass(SETTLING);
    assertThat(found()).containsExactly("two: revision bbbbbbbbbbbb, others revision aaaaaaaaaaaa");
    assertThat(changes).isEmpty();
    assertThat(differences.replicas(ComparedFact.REVISION)).isZero();

    pass(Duration.ofSeconds(30));

    assertThat(changes)
        .containsExactly(
            new Change(
                ChangeKind.REPLICA_DIFFERS,
                SubjectKind.REPLICA,
                "two",
                "others: revision aaaaaaaaaaaa",
                "revision bbbbbbbbbbbb",
                SETTLING));
    assertThat(differences.replicas(ComparedFact.REVISION)).isEqualTo(1);
    assertThat(differences.replicas(ComparedFact.BUILD)).isZero();
  }

  @Test
  void the_end_is_one_change_too() {
    two.tells(ComparedFact.REVISION, "b".repeat(64));
    pass(SETTLING.plusSeconds(2));
    two.tells(ComparedFact.REVISION, "a".repeat(64));
    pass(SETTLING);

    assertThat(changes).hasSize(2);
    assertThat(changes.getLast())
        .isEqualTo(
            new Change(
                ChangeKind.REPLICA_DIFFERENCE_ENDED,
                SubjectKind.REPLICA,
                "two",
                "revision bbbbbbbbbbbb",
                "like the others"));
    assertThat(found()).isEmpty();
  }

  @Test
  void a_difference_that_ends_in_time_is_no_change() {
    for (int rollout = 0; rollout < 3; rollout++) {
      two.tells(ComparedFact.REVISION, "b".repeat(64));
      pass(SETTLING.minusSeconds(2));
      two.tells(ComparedFact.REVISION, "a".repeat(64));
      pass(Duration.ofSeconds(4));
    }

    assertThat(changes).isEmpty();
  }

  @Test
  void a_replica_that_goes_down_differs_no_longer() {
    two.tells(ComparedFact.BUILD, "1.1");
    pass(SETTLING.plusSeconds(2));
    two.roster.stop(new Shutdown());
    replicas.remove(two);
    pass(Duration.ofSeconds(4));

    assertThat(changes).extracting(Change::is).containsExactly("build 1.1", "the replica is down");
  }

  @Test
  void the_keys_of_several_issuers_are_one_change() {
    three.tells(ComparedFact.KEYS, keys("none", "33333333"));
    pass(SETTLING.plusSeconds(2));

    assertThat(changes)
        .containsExactly(
            new Change(
                ChangeKind.REPLICA_DIFFERS,
                SubjectKind.REPLICA,
                "three",
                "others: keys of corp 22222222, keys of github 11111111",
                "keys of corp 33333333, keys of github none",
                SETTLING));
    assertThat(differences.replicas(ComparedFact.KEYS)).isEqualTo(1);
  }

  @Test
  void of_two_replicas_both_differ_since_nothing_says_which_is_right() {
    replicas.remove(three);
    two.tells(ComparedFact.REVISION, "b".repeat(64));
    pass(SETTLING.plusSeconds(2));

    assertThat(changes).extracting(Change::subject).containsExactlyInAnyOrder("one", "two");
    assertThat(differences.replicas(ComparedFact.REVISION)).isEqualTo(2);
  }

  @Test
  void a_fact_that_a_replica_does_not_tell_is_not_compared() {
    two.tells(ComparedFact.REVISION, "");
    two.tells(ComparedFact.KEYS, "");
    pass(SETTLING.multipliedBy(2));

    assertThat(found()).isEmpty();
  }

  @Test
  void a_clock_that_is_off_by_more_than_two_seconds_differs() {
    two.ahead = Duration.ofSeconds(2);
    pass(Duration.ofSeconds(4));
    assertThat(found()).isEmpty();

    two.ahead = Duration.ofSeconds(-7);
    pass(Duration.ofSeconds(4));
    assertThat(found()).containsExactly("two: clock 7 s behind, others clock 0 s");

    two.ahead = Duration.ZERO;
    one.ahead = Duration.ofSeconds(5);
    pass(Duration.ofSeconds(4));
    assertThat(found()).containsExactly("one: clock 5 s ahead, others clock 0 s");
  }

  @Test
  void while_the_store_is_away_nothing_begins_and_nothing_ends() {
    two.tells(ComparedFact.REVISION, "b".repeat(64));
    pass(SETTLING.plusSeconds(2));
    store.away(true);
    store.silent(Duration.ofMinutes(1));
    two.tells(ComparedFact.REVISION, "a".repeat(64));
    pass(SETTLING);
    assertThat(changes).hasSize(1);
    assertThat(found()).hasSize(1);

    store.away(false);
    store.silent(Duration.ZERO);
    pass(Duration.ofSeconds(4));

    assertThat(changes).hasSize(2);
    assertThat(found()).isEmpty();
  }

  @Test
  void many_differences_at_once_do_not_flood_the_timeline() {
    for (int more = 0; more < 60; more++) {
      replica("more-" + more).tells(ComparedFact.BUILD, "build-" + more);
    }
    pass(SETTLING.plusSeconds(4));

    assertThat(changes).hasSize(ReplicaDifferences.MAX_EVENTS);
    assertThat(differences.replicas(ComparedFact.BUILD)).isEqualTo(63);
  }
}
