package dev.tokenbroker.rehearsal.candidate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.RolloutOrder;
import dev.tokenbroker.federation.Rollouts;
import dev.tokenbroker.federation.RunningFederation;
import dev.tokenbroker.lifecycle.LifecycleObserver;
import dev.tokenbroker.lifecycle.RolloutRecord;
import dev.tokenbroker.lifecycle.TestObservers;
import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.store.LogEntry;
import dev.tokenbroker.store.TestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promotions and rollbacks of several replicas that share a store. */
class SharedDecisionsTest {

  private static final String FIRST =
      """
      issuers:
        - {name: acme, issuer: 'https://issuer.example', audiences: ['https://broker.example']}
      targets:
        - {audience: orders, mint: {lifetime: 10m}}
      rules:
        - {name: reads, issuer: acme, audience: orders, when: 'true', scopes: [read]}
      """;

  private static final String NEXT = FIRST.replace("[read]", "[read, write]");

  private final TestClock clock = new TestClock();
  private final TestStore store = new TestStore();

  @TempDir Path directory;

  @Test
  void what_one_replica_promotes_comes_into_force_at_all() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", NEXT);
    String before = two.revision();

    one.promote();
    two.look();

    assertThat(two.revision()).isEqualTo(one.revision()).isNotEqualTo(before);
    assertThat(two.kept().getFirst()).isEqualTo(one.kept().getFirst());
    assertThat(two.records)
        .containsExactly(
            RolloutRecord.followed(clock.instant(), one.kept().getFirst(), before, null));
    Change change = two.changes.getLast();
    assertThat(change.kind()).isEqualTo(ChangeKind.FEDERATION_PROMOTED);
    assertThat(change.is())
        .isEqualTo("revision " + two.revision().substring(0, 12) + " at another replica");
    assertThat(two.decisions.problems()).isEmpty();

    one.look();
    two.look();
    assertThat(one.records).isEmpty();
    assertThat(two.records).hasSize(1);
  }

  @Test
  void a_rollback_is_followed_from_the_history() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", NEXT);
    String first = one.revision();
    one.promote();
    two.look();

    one.rollBack(first);
    two.look();

    assertThat(two.revision()).isEqualTo(first);
    assertThat(two.changes.getLast().kind()).isEqualTo(ChangeKind.FEDERATION_ROLLED_BACK);
  }

  @Test
  void a_decision_waits_visibly_until_the_candidate_arrives() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", FIRST);
    String before = two.revision();
    one.promote();
    two.look();

    assertThat(two.revision()).isEqualTo(before);
    assertThat(two.decisions.problems())
        .singleElement()
        .asString()
        .contains("promoted by ops", "it waits until the candidate has this revision");

    two.candidate(NEXT);
    two.look();
    assertThat(two.revision()).isEqualTo(one.revision());
    assertThat(two.decisions.problems()).isEmpty();
    assertThat(two.records).hasSize(1);
  }

  @Test
  void a_replica_that_starts_later_follows_the_last_decision() {
    Replica one = replica("one", NEXT);
    one.promote();
    clock.advance(Duration.ofDays(1));

    Replica fresh = replica("fresh", NEXT);
    fresh.look();

    assertThat(fresh.revision()).isEqualTo(one.revision());
  }

  @Test
  void a_replica_that_was_away_follows_and_one_that_decided_later_is_followed() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", NEXT);
    String first = one.revision();
    one.promote();
    two.look();
    one.rollBack(first);

    Replica again = replica("two", NEXT);
    again.look();
    assertThat(again.revision()).isEqualTo(first);

    again.promote();
    one.look();
    assertThat(one.revision()).isEqualTo(again.revision()).isNotEqualTo(first);
  }

  @Test
  void an_earlier_decision_that_comes_again_changes_nothing() {
    Replica one = replica("one", NEXT);
    String first = one.revision();
    one.promote();
    LogEntry promotion = DecisionEntry.of(one.kept().getFirst());
    one.rollBack(first);
    one.look();

    one.decisions.heard(promotion);
    one.look();
    Replica restarted = replica("one", NEXT);
    restarted.decisions.heard(promotion);
    restarted.look();

    assertThat(one.revision()).isEqualTo(first);
    assertThat(restarted.revision()).isEqualTo(first);
    assertThat(restarted.records).isEmpty();
  }

  @Test
  void replicas_that_decided_at_the_same_moment_end_alike() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", FIRST.replace("[read]", "[write]"));
    store.away(true);
    one.promote();
    two.promote();
    assertThat(one.kept().getFirst().time()).isEqualTo(two.kept().getFirst().time());
    one.candidate(FIRST.replace("[read]", "[write]"));
    two.candidate(NEXT);

    store.away(false);
    one.look();
    two.look();

    assertThat(one.revision()).isEqualTo(two.revision());
    assertThat(one.records.size() + two.records.size()).isEqualTo(1);
  }

  @Test
  void a_decision_while_the_store_is_away_counts_here_and_at_the_others_later() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", NEXT);
    String first = one.revision();
    store.away(true);
    one.promote();
    two.look();

    assertThat(one.revision()).isNotEqualTo(first);
    assertThat(two.revision()).isEqualTo(first);
    assertThat(one.decisions.problems())
        .containsExactly("the store is away, so other replicas have not heard the last decision");

    store.away(false);
    two.look();
    assertThat(two.revision()).isEqualTo(one.revision());
    assertThat(one.decisions.problems()).isEmpty();
  }

  @Test
  void the_decision_of_a_replica_whose_clock_is_behind_counts_as_well() {
    Replica one = replica("one", NEXT);
    Replica behind = replica("two", NEXT, () -> clock.instant().minus(Duration.ofHours(1)));
    String first = one.revision();
    one.promote();
    behind.look();

    behind.rollBack(first);
    one.look();

    assertThat(behind.kept().getFirst().isAfter(behind.kept().getLast())).isTrue();
    assertThat(one.revision()).isEqualTo(first);
  }

  @Test
  void a_refusal_here_leaves_the_replica_as_it_was_and_is_told_once() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", NEXT);
    String before = two.revision();
    two.write("candidate.yaml", "issuers: [");
    one.promote();

    two.look();
    two.look();

    assertThat(two.revision()).isEqualTo(before);
    assertThat(two.decisions.problems()).singleElement().asString().contains("REVISION_UNFIT");
    assertThat(two.records)
        .extracting(RolloutRecord::refused)
        .containsExactly(RefusalReason.REVISION_UNFIT);

    two.candidate(NEXT);
    two.look();
    assertThat(two.revision()).isEqualTo(one.revision());
  }

  @Test
  void no_decision_is_followed_that_cannot_be_recorded() {
    Replica one = replica("one", NEXT);
    Replica two = replica("two", NEXT);
    String before = two.revision();
    two.full = true;
    one.promote();
    two.look();

    assertThat(two.revision()).isEqualTo(before);
    assertThat(two.decisions.problems()).singleElement().asString().contains("INTERNAL_ERROR");
  }

  @Test
  void an_entry_that_is_no_decision_changes_nothing() {
    Replica one = replica("one", NEXT);
    String before = one.revision();
    for (String content :
        List.of("", "{}", "{\"action\":\"loaded\",\"revision\":\"" + "0".repeat(64) + "\"}")) {
      one.decisions.heard(
          new LogEntry(clock.instant(), content.getBytes(StandardCharsets.US_ASCII)));
    }
    one.look();

    assertThat(one.revision()).isEqualTo(before);
    assertThat(one.decisions.problems()).isEmpty();
  }

  @Test
  void a_replica_without_a_history_takes_no_part() {
    Replica one = replica("one", NEXT);
    Replica managed = new Replica("managed", NEXT, Optional.empty(), clock);
    String before = managed.revision();
    one.promote();
    managed.look();

    assertThat(managed.revision()).isEqualTo(before);
    assertThat(managed.decisions.problems()).isEmpty();
  }

  private Replica replica(String name, String candidate) {
    return replica(name, candidate, clock);
  }

  private Replica replica(String name, String candidate, InstantSource wall) {
    return new Replica(name, candidate, Optional.of(directory.resolve(name + "-history")), wall);
  }

  /** A replica, whose thread is the test. */
  private final class Replica {

    private final String name;
    private final List<RolloutRecord> records = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final Federations federations;
    private final Rollouts rollouts;
    private final Candidate candidate;
    private final SharedDecisions decisions;
    private final DecisionFollower follower;
    private boolean full;

    Replica(String name, String next, Optional<Path> history, InstantSource wall) {
      this.name = name;
      write("federation.yaml", FIRST);
      federations = RunningFederation.start(path("federation.yaml"), history, wall, changes::add);
      rollouts = new Rollouts(federations);
      write("candidate.yaml", next);
      candidate = RunningComparison.loaded(path("candidate.yaml"), wall);
      LifecycleObserver observer =
          new LifecycleObserver() {
            @Override
            public void rollout(RolloutRecord record) {
              if (full) {
                throw new UncheckedIOException(new IOException("full"));
              }
              boolean _ = records.add(record);
            }
          };
      decisions = new SharedDecisions(store, rollouts, wall);
      follower =
          new DecisionFollower(decisions, rollouts, candidate, TestObservers.of(observer), wall);
      boolean _ = decisions.listen();
    }

    void candidate(String document) {
      write("candidate.yaml", document);
      candidate.reload();
    }

    void promote() {
      decided(rollouts.promote(order(candidate.revision()), path("candidate.yaml")));
    }

    void rollBack(String revision) {
      decided(rollouts.rollBack(order(revision)));
    }

    private RolloutOrder order(@Nullable String revision) {
      return new RolloutOrder(
          decisions.next(), String.valueOf(revision), "ops", "a test", Optional::empty);
    }

    private void decided(Outcome<Federation> outcome) {
      assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
      decisions.announce();
    }

    void look() {
      follower.look();
    }

    String revision() {
      return federations.current().orElseThrow().revision();
    }

    List<KeptRevision> kept() {
      return rollouts.kept() instanceof Outcome.Accepted<List<KeptRevision>>(var kept)
          ? kept
          : List.of();
    }

    private Path path(String file) {
      return directory.resolve(name).resolve(file);
    }

    private void write(String file, String text) {
      try {
        Files.createDirectories(directory.resolve(name));
        Files.writeString(path(file), text);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }
}
