package dev.tokenbroker.evaluate.revocation;

import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.peers.store.LogEntry;
import dev.tokenbroker.peers.store.LogKind;
import dev.tokenbroker.peers.store.StoreLog.LogListener;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Revocations of several replicas that share a store. */
class SharedRevocationsTest {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final String TOKEN = "a-token";

  private final TestClock clock = new TestClock();
  private final TestStore store = new TestStore();
  private final List<Revocations> opened = new ArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void close() {
    opened.forEach(Revocations::close);
  }

  @Test
  void revokes_at_all_replicas_including_those_that_start_later() {
    Revocations one = replica(TestRevocations.inMemory());
    Revocations two = replica(TestRevocations.inMemory());

    assertThat(revoke(one, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REVOKED));

    assertThat(two.holds(TOKEN)).isTrue();
    assertThat(two.holds("another-token")).isFalse();
    assertThat(revoke(two, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REPEATED));
    assertThat(replica(TestRevocations.inMemory()).holds(TOKEN)).isTrue();
  }

  @Test
  void without_a_file_nothing_is_revoked_while_the_store_is_away() {
    Revocations one = replica(TestRevocations.inMemory());
    store.away(true);

    assertThat(reason(revoke(one, TOKEN))).isEqualTo(RefusalReason.REVOCATION_NOT_STORED);
    assertThat(one.holds(TOKEN)).isFalse();

    store.away(false);
    assertThat(one.holds(TOKEN)).isFalse();
    assertThat(revoke(one, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
  }

  @Test
  void shares_revocations_of_the_file_once_the_store_is_back() {
    Revocations one = replica(TestRevocations.in(directory.resolve("one")));
    Revocations two = replica(TestRevocations.inMemory());
    store.away(true);

    assertThat(revoke(one, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(one.holds(TOKEN)).isTrue();
    assertThat(two.holds(TOKEN)).isFalse();

    store.away(false);
    assertThat(two.holds(TOKEN)).isTrue();
  }

  @Test
  void the_store_alone_is_enough_when_the_file_cannot_be_written() {
    Revocations one = replica(TestRevocations.in(directory.resolve("one")));
    Revocations two = replica(TestRevocations.inMemory());
    one.close();

    assertThat(revoke(one, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(two.holds(TOKEN)).isTrue();

    store.away(true);
    assertThat(reason(revoke(one, "another-token"))).isEqualTo(RefusalReason.REVOCATION_NOT_STORED);
  }

  @Test
  void a_replica_that_comes_back_gives_the_store_what_its_file_has() {
    Path file = directory.resolve("one");
    Revocations before = replica(TestRevocations.in(file));
    store.away(true);
    assertThat(revoke(before, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    before.close();
    TestStore empty = new TestStore();

    Revocations after = replica(TestRevocations.in(file), empty, clock);
    empty.away(false); // as at first, when the store may lack what outlived a restart

    assertThat(after.holds(TOKEN)).isTrue();
    assertThat(replica(TestRevocations.inMemory(), empty, clock).holds(TOKEN)).isTrue();
  }

  @Test
  void keeps_remote_revocations_beyond_the_limit_then_revokes_none() {
    Revocations small = replica(TestRevocations.inMemory().withMaxTokens(1));
    Revocations large = replica(TestRevocations.inMemory());

    assertThat(revoke(large, "first")).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(revoke(large, "second")).isEqualTo(Outcome.accepted(Revocation.REVOKED));

    assertThat(small.holds("first")).isTrue();
    assertThat(small.holds("second")).isTrue();
    assertThat(small.held()).isEqualTo(2);
    assertThat(reason(revoke(small, "third"))).isEqualTo(RefusalReason.REVOCATIONS_FULL);
    clock.advance(Target.MAX_LIFETIME.plus(RevokedTokens.KEPT_PAST_END));
    assertThat(revoke(small, "third")).isEqualTo(Outcome.accepted(Revocation.REVOKED));
  }

  @Test
  void a_replica_with_a_fast_clock_forgets_nothing_early() {
    Duration[] ahead = {Duration.ofHours(1)};
    Revocations one = replica(TestRevocations.inMemory());
    Revocations wrong =
        replica(TestRevocations.inMemory(), store, () -> clock.instant().plus(ahead[0]));

    assertThat(revoke(one, TOKEN)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(wrong.held()).isEqualTo(1);
    ahead[0] = Duration.ZERO;

    assertThat(wrong.holds(TOKEN)).isTrue();
    clock.advance(Target.MAX_LIFETIME.plus(RevokedTokens.KEPT_PAST_END));
    assertThat(wrong.held()).isZero();
  }

  @Test
  void an_entry_that_is_over_or_names_no_token_is_not_kept() {
    Revocations one = replica(TestRevocations.inMemory());
    announce("long-over", Duration.ofHours(-1));
    announce("", LIFE);
    announce("two words", LIFE);
    announce("x".repeat(129), LIFE);

    assertThat(one.held()).isZero();
    announce("x".repeat(128), LIFE);
    assertThat(one.held()).isEqualTo(1);
  }

  @Test
  void is_current_while_the_log_was_read_lately() {
    Revocations one = replica(TestRevocations.inMemory());

    store.silent(Duration.ofSeconds(2));
    assertThat(one.isCurrent()).isTrue();
    store.silent(Duration.ofMillis(2001));
    assertThat(one.isCurrent()).isFalse();
  }

  /** As another replica does. */
  private void announce(String content, Duration left) {
    LogEntry entry =
        new LogEntry(clock.instant().plus(left), content.getBytes(StandardCharsets.US_ASCII));
    LogListener nobody =
        new LogListener() {
          @Override
          public void heard(LogEntry heard) {}

          @Override
          public List<LogEntry> known() {
            return List.of();
          }
        };
    assertThat(store.listen(LogKind.REVOCATIONS, nobody).announce(entry)).isTrue();
  }

  private Revocations replica(TestRevocations settings) {
    return replica(settings, store, clock);
  }

  private Revocations replica(TestRevocations settings, TestStore shared, InstantSource wall) {
    Revocations revocations =
        new Revocations(settings, shared, new TestClocks(wall, clock::nanoTime));
    opened.add(revocations);
    return revocations;
  }

  private Outcome<Revocation> revoke(Revocations replica, String token) {
    return replica.revoke(token, clock.instant(), clock.instant().plus(LIFE), DEADLINE);
  }
}
