package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What replicas notice when a real Valkey server has lost claims, or may lose them. */
@Tag("store")
@Tag("in-process")
class ValkeyEpochIT extends ReplicasOfOneServer {

  private static final Duration TTL = Duration.ofMinutes(5);
  private static final StoreKind KIND = StoreKind.CREDENTIAL;

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

    assertThat(one.lost(KIND)).isEmpty();
    assertThat(two.lost(KIND)).isEmpty();
    assertThat(replicas.changes()).isEmpty();
  }

  @Test
  void an_emptied_server_takes_no_claim_before_all_replicas_know_of_the_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    ValkeyStore two = replicas.one(1, oldKey);
    uses(one, "a");
    assertThat(two.claim(KIND, "a", TTL)).isInstanceOf(StoreClaim.Held.class);
    Instant before = Instant.now().minusMillis(1);

    server.admin("FLUSHALL");
    StoreClaim again = two.claim(KIND, "a", TTL);

    assertThat(two.lost(KIND)).hasValueSatisfying(lost -> assertThat(lost).isAfter(before));
    Eventually.until(() -> one.lost(KIND), two.lost(KIND)::equals);
    assertThat(replicas.changes())
        .isNotEmpty()
        .allMatch(change -> change.kind() == ChangeKind.STORE_LOST);
    if (again instanceof StoreClaim.Mine mine) { // unless the other one was first
      two.giveBack(mine);
    }
    Eventually.until(() -> two.look(KIND, "a"), look -> look.isPresent());
  }

  @Test
  void a_replica_that_starts_in_an_emptied_server_hears_of_the_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    uses(one, "a");
    server.admin("FLUSHALL");

    ValkeyStore later = replicas.one(1, oldKey);

    Eventually.until(() -> later.lost(KIND), lost -> lost.isPresent());
    Eventually.until(() -> one.lost(KIND), later.lost(KIND)::equals);
  }

  @Test
  void a_single_claim_that_is_gone_is_a_loss_and_is_announced_again() {
    ValkeyStore one = replicas.one(0, oldKey);
    StoreClaim.Mine mine = uses(one, "a");

    server.admin("DEL", mine.written().getFirst().name());

    Eventually.until(() -> one.lost(KIND), lost -> lost.isPresent());
    ValkeyStore two = replicas.one(1, oldKey);
    Eventually.until(
        () -> two.look(KIND, "a"), look -> look.orElse(null) instanceof StoreClaim.Held);
    assertThat(two.lost(KIND)).isEqualTo(one.lost(KIND));
  }

  @Test
  void an_old_epoch_that_a_thief_puts_back_is_a_loss() {
    ValkeyStore one = replicas.one(0, oldKey);
    claims(one, "a");
    String name = "{token-broker:once}:epoch";
    String first = server.admin("GET", name).getFirst();
    server.admin("FLUSHALL");
    Eventually.until(() -> one.lost(KIND), lost -> lost.isPresent());
    Instant lost = one.lost(KIND).orElseThrow();

    server.admin("SET", name, first);

    Eventually.until(() -> one.lost(KIND).orElseThrow(), later -> later.isAfter(lost));
  }

  @Test
  void a_server_that_may_evict_claims_takes_none() {
    ValkeyStore one = replicas.one(0, oldKey);
    claims(one, "a");

    server.admin("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    Eventually.until(
        () -> one.claim(KIND, "b", TTL), claim -> claim instanceof StoreClaim.Unavailable);
    assertThat(replicas.one(1, oldKey).claim(KIND, "c", TTL))
        .isInstanceOf(StoreClaim.Unavailable.class);

    server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
    Eventually.until(() -> one.claim(KIND, "d", TTL), claim -> claim instanceof StoreClaim.Mine);
    assertThat(one.lost(KIND)).isEmpty();
  }

  @Test
  void a_server_that_does_not_tell_its_policy_takes_no_claim() {
    server.admin("ACL", "SETUSER", ValkeyServer.USER, "-info");
    try {
      assertThat(replicas.one(0, oldKey).claim(KIND, "a", TTL))
          .isInstanceOf(StoreClaim.Unavailable.class);
      assertThat(replicas.status(0).problems()).isEmpty();
    } finally {
      server.admin("ACL", "SETUSER", ValkeyServer.USER, "+info");
    }
  }

  @Test
  void a_replica_with_another_key_knows_that_it_cannot_find_the_claims() {
    uses(replicas.one(0, oldKey), "a");
    replicas.end();

    ValkeyStore other = replicas.one(1, newKey);

    Eventually.until(() -> other.lost(KIND), lost -> lost.isPresent());
  }

  @Test
  void a_key_that_is_replaced_in_its_file_is_a_loss() throws IOException {
    Path file = Files.writeString(directory.resolve("replaced"), "a".repeat(32));
    ValkeyStore one = replicas.one(0, file);
    uses(one, "a");

    Files.writeString(file, "b".repeat(32));

    Eventually.until(() -> one.lost(KIND), lost -> lost.isPresent());
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
      assertThat(store.lost(KIND)).isEmpty();
    }
  }

  @Test
  void a_replica_whose_clock_is_off_claims_nothing_and_others_do() {
    InstantSource fast = InstantSource.offset(InstantSource.system(), Duration.ofSeconds(4));
    TestStoreSettings settings = TestStoreSettings.withKeys(oldKey);

    assertThat(replicas.one(0, settings, fast).claim(KIND, "a", TTL))
        .isInstanceOf(StoreClaim.Unavailable.class);

    claims(replicas.one(1, oldKey), "a");
  }

  @Test
  void a_server_that_was_restarted_empty_has_lost_its_claims() {
    ValkeyStore one = replicas.one(0, oldKey);
    uses(one, "a");

    server.close();
    server.start();

    Eventually.until(() -> one.lost(KIND), lost -> lost.isPresent());
    Eventually.until(
        () -> one.look(KIND, "a"), look -> look.orElse(null) instanceof StoreClaim.Held);
  }

  private static void claims(ValkeyStore store, String id) {
    assertThat(store.claim(KIND, id, TTL)).isInstanceOf(StoreClaim.Mine.class);
  }

  private static StoreClaim.Mine uses(ValkeyStore store, String id) {
    StoreClaim.Mine mine = (StoreClaim.Mine) store.claim(KIND, id, TTL);
    store.confirm(mine);
    return mine;
  }
}
