package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What replicas notice when a real Valkey server has lost claims, or may lose them. */
@Tag("store")
@Tag("in-process")
class ValkeyEpochIT extends ReplicasOfOneServer {

  @AfterEach
  void evictsNothing() {
    server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
  }

  @Test
  void a_store_that_no_replica_has_used_is_new_and_not_lost() {
    ValkeyStore one = replicas.one(0, oldKey);
    ValkeyStore two = replicas.one(1, oldKey);

    claims(one, "a");
    claims(two, "b");

    assertThat(lost(one)).isEmpty();
    assertThat(lost(two)).isEmpty();
    assertThat(replicas.changes()).isEmpty();
  }

  @Test
  void an_emptied_server_takes_no_claim_until_all_replicas_know() {
    ValkeyStore one = replicas.one(0, oldKey);
    ValkeyStore two = replicas.one(1, oldKey);
    uses(one, "a");
    assertThat(two.claim(named("a"))).isInstanceOf(StoreClaim.Held.class);
    Instant before = Instant.now().minusMillis(1);

    server.admin("FLUSHALL");
    StoreClaim again = two.claim(named("a"));

    Eventually.until(() -> lost(two), lost -> lost.filter(before::isBefore).isPresent());
    Eventually.until(() -> lost(one), lost(two)::equals);
    assertThat(replicas.changes())
        .isNotEmpty()
        .allMatch(change -> change.kind() == ChangeKind.STORE_LOST);
    if (again instanceof StoreClaim.Mine mine) { // unless the other one was first
      two.giveBack(mine);
    }
    Eventually.until(() -> two.look(named("a")), look -> look.isPresent());
  }

  @Test
  void a_replica_that_starts_in_an_emptied_server_hears_of_the_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    uses(one, "a");
    server.admin("FLUSHALL");

    ValkeyStore later = replicas.one(1, oldKey);

    Eventually.until(() -> lost(later), lost -> lost.isPresent());
    Eventually.until(() -> lost(one), lost(later)::equals);
  }

  @Test
  void a_single_claim_that_is_gone_is_a_loss_and_is_announced_again() {
    ValkeyStore one = replicas.one(0, oldKey);
    StoreClaim.Mine mine = uses(one, "a");

    server.admin("DEL", mine.written().getFirst().name());

    Eventually.until(() -> lost(one), lost -> lost.isPresent());
    ValkeyStore two = replicas.one(1, oldKey);
    Eventually.until(
        () -> two.look(named("a")), look -> look.orElse(null) instanceof StoreClaim.Held);
    assertThat(lost(two)).isEqualTo(lost(one));
  }

  @Test
  void claims_that_somebody_swaps_or_writes_over_are_a_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    String first = uses(one, "a").written().getFirst().name();
    String second = uses(one, "b").written().getFirst().name();

    server.admin("SET", first, server.admin("GET", second).getFirst(), "KEEPTTL");

    Eventually.until(() -> lost(one), lost -> lost.isPresent());
    Instant swapped = lost(one).orElseThrow();
    String whole = server.admin("GET", second).getFirst();
    server.admin("SET", second, "x" + whole.substring(1), "KEEPTTL");
    Eventually.until(() -> lost(one).orElseThrow(), later -> later.isAfter(swapped));
    ValkeyStore two = replicas.one(1, oldKey);
    Eventually.until(
        () -> two.look(named("b")), look -> look.orElse(null) instanceof StoreClaim.Held);
  }

  @Test
  void a_name_used_by_two_replicas_is_not_a_repeated_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    ValkeyStore two = replicas.one(1, oldKey);
    claims(two, "b");
    server.admin("DEL", uses(one, "a").written().getFirst().name());
    if (two.claim(named("a")) instanceof StoreClaim.Mine mine) { // unless one has looked already
      two.confirm(mine);
    }
    Instant settled = Instant.now().plusSeconds(2);
    Eventually.until(Instant::now, settled::isBefore);
    Optional<Instant> lost = lost(one);

    Instant later = settled.plusSeconds(2);
    Eventually.until(Instant::now, later::isBefore);

    assertThat(lost(one)).isEqualTo(lost);
    assertThat(two.look(named("a"))).containsInstanceOf(StoreClaim.Held.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00e9", "?", "x"})
  void an_overwritten_epoch_is_a_loss_and_stops_no_claims(String value) {
    ValkeyStore one = replicas.one(0, oldKey);
    claims(one, "a");

    server.admin("SET", "{token-broker:once}:epoch", value);

    Eventually.until(() -> lost(one), lost -> lost.isPresent());
    Instant lost = lost(one).orElseThrow();
    Eventually.until(
        () ->
            one.claim(
                new ClaimedName(
                    StoreKind.CREDENTIAL,
                    "b",
                    Instant.now().plusSeconds(60),
                    Duration.ofMinutes(5))),
        claim -> claim instanceof StoreClaim.Mine);
    assertThat(lost(one)).contains(lost);
  }

  @Test
  void an_old_epoch_that_a_thief_puts_back_is_a_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    claims(one, "a");
    String name = "{token-broker:once}:epoch";
    String first = server.admin("GET", name).getFirst();
    server.admin("FLUSHALL");
    Eventually.until(() -> lost(one), lost -> lost.isPresent());
    Instant lost = lost(one).orElseThrow();

    server.admin("SET", name, first);

    Eventually.until(() -> lost(one).orElseThrow(), later -> later.isAfter(lost));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SET", "RPUSH", "SADD"})
  void an_epoch_that_somebody_overwrites_is_a_loss(String command) {
    ValkeyStore one = replicas.one(0, oldKey);
    uses(one, "a");
    String name = "{token-broker:once}:epoch";

    server.admin("DEL", name);
    server.admin(command, name, "lost:2100-01-01T00:00:00Z junk");

    Eventually.until(() -> lost(one), lost -> lost.isPresent());
    assertThat(lost(one).orElseThrow()).isBefore(Instant.now().plusSeconds(6));
    Eventually.until(
        () -> one.look(named("a")), look -> look.orElse(null) instanceof StoreClaim.Held);
  }

  @Test
  void a_server_that_may_evict_claims_takes_none() {
    ValkeyStore one = replicas.one(0, oldKey);
    claims(one, "a");

    server.admin("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    Eventually.until(() -> one.claim(named("b")), claim -> claim instanceof StoreClaim.Unavailable);
    assertThat(replicas.one(1, oldKey).claim(named("c")))
        .isInstanceOf(StoreClaim.Unavailable.class);

    server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
    Eventually.until(() -> one.claim(named("d")), claim -> claim instanceof StoreClaim.Mine);
    assertThat(lost(one)).isEmpty();
  }

  @Test
  void a_server_that_does_not_tell_its_policy_takes_no_claim() {
    server.admin("ACL", "SETUSER", ValkeyServer.USER, "-info");
    try {
      assertThat(replicas.one(0, oldKey).claim(named("a")))
          .isInstanceOf(StoreClaim.Unavailable.class);
      assertThat(replicas.status(0).problems()).isEmpty();
    } finally {
      server.admin("ACL", "SETUSER", ValkeyServer.USER, "+info");
    }
  }

  @Test
  void a_replica_with_another_key_knows_that_it_cannot_find_claims() {
    uses(replicas.one(0, oldKey), "a");
    replicas.end();

    ValkeyStore other = replicas.one(1, newKey);

    Eventually.until(() -> lost(other), lost -> lost.isPresent());
  }

  @Test
  void a_key_that_is_replaced_in_its_file_is_a_loss() throws IOException {
    Path file = Files.writeString(directory.resolve("replaced"), "a".repeat(32));
    ValkeyStore one = replicas.one(0, file);
    uses(one, "a");

    Files.writeString(file, "b".repeat(32));

    Eventually.until(() -> lost(one), lost -> lost.isPresent());
  }

  /** Also that of an issuer whose clock is ahead, which is no loss by its time. */
  @Test
  void a_used_name_stays_used_while_the_key_is_replaced() throws IOException {
    Path first = Files.writeString(directory.resolve("first"), "a".repeat(32));
    Path second = Files.writeString(directory.resolve("second"), "a".repeat(32));
    ValkeyStore one = replicas.one(0, first);
    ValkeyStore two = replicas.one(1, second);
    ClaimedName ahead =
        new ClaimedName(
            StoreKind.CREDENTIAL, "ahead", Instant.now().plusSeconds(60), Duration.ofMinutes(5));
    one.confirm(
        (StoreClaim.Mine)
            Eventually.until(() -> one.claim(ahead), StoreClaim.Mine.class::isInstance));
    uses(one, "a");
    claims(two, "b");

    Files.writeString(first, "b".repeat(32));
    Files.writeString(second, "b".repeat(32));

    for (long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
        System.nanoTime() < end; ) {
      assertThat(two.claim(named("a"))).isNotInstanceOf(StoreClaim.Mine.class);
      assertThat(two.claim(ahead)).isNotInstanceOf(StoreClaim.Mine.class);
    }
    assertThat(lost(two)).isPresent();
    Eventually.until(() -> two.look(ahead), look -> look.orElse(null) instanceof StoreClaim.Held);
  }

  @Test
  void a_rotation_of_the_key_loses_nothing() {
    ValkeyStore before = replicas.one(0, oldKey);
    claims(before, "a");
    ValkeyStore between = replicas.one(1, newKey, oldKey);
    claims(between, "b");
    claims(before, "c");
    ValkeyStore after = replicas.one(2, newKey);
    claims(after, "d");
    claims(between, "e");

    for (ValkeyStore store : List.of(before, between, after)) {
      assertThat(lost(store)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-30, -4, 4, 30})
  void a_replica_whose_clock_is_off_claims_nothing_and_others_do(int seconds) {
    Duration[] off = {Duration.ofSeconds(seconds)};
    InstantSource clock = () -> Instant.now().plus(off[0]);
    ValkeyStore wrong = replicas.one(0, TestStoreSettings.withKeys(oldKey), clock);

    assertThat(wrong.claim(named("a"))).isInstanceOf(StoreClaim.Unavailable.class);
    assertThat(replicas.fit(0)).as("it says so").isFalse();

    ValkeyStore right = replicas.one(1, oldKey);
    uses(right, "a");
    server.admin("FLUSHALL"); // the time of a loss is never that of a wrong clock
    Eventually.until(() -> lost(right), lost -> lost.isPresent());
    assertThat(lost(right).orElseThrow()).isBetween(Instant.now(), Instant.now().plusSeconds(5));
    off[0] = Duration.ZERO;
    Eventually.until(() -> wrong.claim(named("a")), StoreClaim.Held.class::isInstance);
    assertThat(lost(wrong)).isEqualTo(lost(right));
  }

  @Test
  void a_server_that_was_restarted_empty_has_lost_its_claims() {
    ValkeyStore one = replicas.one(0, oldKey);
    uses(one, "a");

    server.close();
    server.start();

    Eventually.until(() -> lost(one), lost -> lost.isPresent());
    Eventually.until(
        () -> one.look(named("a")), look -> look.orElse(null) instanceof StoreClaim.Held);
  }

  /** Up to when names came into being that the store denies since a loss. */
  private static Optional<Instant> lost(ValkeyStore store) {
    return store
        .look(named("never claimed"))
        .filter(StoreClaim.Forgotten.class::isInstance)
        .map(denied -> ((StoreClaim.Forgotten) denied).upTo());
  }

  private static void claims(ValkeyStore store, String id) {
    // The first connections of a client take longer than a call may.
    Eventually.until(() -> store.claim(named(id)), StoreClaim.Mine.class::isInstance);
  }

  private static StoreClaim.Mine uses(ValkeyStore store, String id) {
    StoreClaim.Mine mine =
        (StoreClaim.Mine)
            Eventually.until(() -> store.claim(named(id)), StoreClaim.Mine.class::isInstance);
    store.confirm(mine);
    return mine;
  }
}
