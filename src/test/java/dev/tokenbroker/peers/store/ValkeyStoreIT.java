package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Claims of several replicas, each with a client of its own, at a real Valkey server. */
@Tag("store")
@Tag("in-process")
class ValkeyStoreIT extends ReplicasOfOneServer {

  private static final int RACES = Integer.getInteger("store.races", 100_000);

  @Test
  void of_three_replicas_that_race_for_a_name_exactly_one_gets_it() {
    List<ValkeyStore> three = replicas.all(oldKey);
    AtomicIntegerArray taken = new AtomicIntegerArray(RACES);
    AtomicInteger unavailable = new AtomicInteger();
    assertTimeoutPreemptively(
        Duration.ofMinutes(10),
        () ->
            atOnce(
                three,
                (replica, race) -> {
                  switch (replica.claim(named("race-" + race))) {
                    case StoreClaim.Mine _ -> taken.incrementAndGet(race);
                    case StoreClaim.Held _, StoreClaim.Undecided _ -> {}
                    case StoreClaim.Unavailable _, StoreClaim.Forgotten _ ->
                        unavailable.incrementAndGet();
                  }
                }));
    assertThat(IntStream.range(0, RACES).filter(race -> taken.get(race) > 1)).isEmpty();
    // On a busy machine a call may have no answer in time, and then nobody may have the name.
    assertThat(unavailable.get()).isLessThanOrEqualTo(RACES / 1000);
    assertThat(IntStream.range(0, RACES).filter(race -> taken.get(race) == 0).count())
        .isLessThanOrEqualTo(unavailable.get());
    int names = RACES + 3; // three epochs
    assertThat(Integer.parseInt(server.admin("DBSIZE").getFirst()))
        .isBetween(names - unavailable.get(), names);
  }

  @Test
  void a_name_that_is_given_back_can_be_claimed_elsewhere() {
    ValkeyStore one = replicas.one(0, oldKey);
    ValkeyStore two = replicas.one(1, oldKey);
    StoreClaim.Mine mine = mine(one);
    assertThat(two.claim(named("id"))).isInstanceOf(StoreClaim.Undecided.class);
    assertThat(two.look(named("id"))).containsInstanceOf(StoreClaim.Undecided.class);

    one.giveBack(mine);

    assertThat(two.look(named("id"))).isEmpty();
    StoreClaim.Mine theirs = mine(two);
    one.giveBack(mine); // again, and too late
    assertThat(one.claim(named("id"))).isInstanceOf(StoreClaim.Undecided.class);
    two.confirm(theirs);
    assertThat(one.claim(named("id"))).isInstanceOf(StoreClaim.Held.class);
    two.giveBack(theirs);
    assertThat(one.look(named("id"))).containsInstanceOf(StoreClaim.Held.class);
  }

  @Test
  void replaces_a_leftover_claim_unknown_to_this_process() {
    ValkeyStore one = replicas.one(0, oldKey);
    StoreClaim.Mine lost = mine(one);

    StoreClaim.Mine again = mine(one);

    one.giveBack(lost);
    assertThat(replicas.one(1, oldKey).claim(named("id"))).isInstanceOf(StoreClaim.Undecided.class);
    one.confirm(again);
    assertThat(one.claim(named("id"))).isInstanceOf(StoreClaim.Held.class);
  }

  @Test
  void a_value_of_another_type_is_foreign_and_replaced() {
    ValkeyStore one = replicas.one(0, oldKey);
    StoreClaim.Mine mine = mine(one);
    String name = mine.written().getFirst().name();
    for (int time = 0; time < 2; time++) {
      server.admin("DEL", name);
      server.admin("RPUSH", name, "foreign");
      assertThat(one.look(named("id"))).isEmpty();
      one.giveBack(mine);
      mine = mine(one);
    }

    assertThat(replicas.status(0).foreign()).isGreaterThanOrEqualTo(2);
    assertThat(replicas.status(0).problems()).isEmpty();
    assertThat(replicas.status(0).failures()).isZero();
    assertThat(replicas.one(1, oldKey).claim(named("id"))).isInstanceOf(StoreClaim.Undecided.class);
  }

  @Test
  void a_full_server_refuses_claims_but_answers_reads() {
    ValkeyStore one = replicas.one(0, oldKey);
    server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
    server.admin("CONFIG", "SET", "maxmemory", "1");
    try {
      for (int time = 0; time < 20; time++) {
        assertThat(one.claim(named("id"))).isInstanceOf(StoreClaim.Unavailable.class);
        assertThat(one.look(named("id"))).as("no circuit is open").isEmpty();
        assertThat(replicas.status(0).problems()).isEqualTo(Map.of(StoreCall.CLAIM, "error OOM"));
      }
    } finally {
      server.admin("CONFIG", "SET", "maxmemory", "0");
    }
    Eventually.until(() -> replicas.status(0).problems(), Map::isEmpty);
  }

  @Test
  void connections_outlive_their_idle_time_for_a_burst() {
    ValkeyStore one = replicas.one(0, oldKey);

    Eventually.until(ValkeyStoreIT::oldConnections, count -> count >= 16);

    assertThat(one.claim(named("id"))).isInstanceOf(StoreClaim.Mine.class);
    assertThat(replicas.status(0).waits()).isZero();
  }

  /** Connections that have lasted longer than the idle time of the client. */
  private static long oldConnections() {
    return server.admin("CLIENT", "LIST").stream()
        .filter(client -> client.contains("user=" + ValkeyServer.USER))
        .map(client -> client.replaceFirst(".* age=(\\d+) .*", "$1"))
        .filter(age -> Integer.parseInt(age) > ChosenStore.IDLE_SECONDS)
        .count();
  }

  @Test
  void a_claim_ends_with_its_time_to_live() {
    assertThat(
            replicas
                .one(0, oldKey)
                .claim(
                    new ClaimedName(
                        StoreKind.CREDENTIAL, "id", null, Duration.ofMillis(20).minusSeconds(5))))
        .isInstanceOf(StoreClaim.Mine.class);

    ValkeyStore other = replicas.one(1, oldKey);

    Eventually.until(() -> other.claim(named("id")), claim -> claim instanceof StoreClaim.Mine);
  }

  @Test
  void replicas_meet_while_the_key_rotates() {
    ValkeyStore before = replicas.one(0, oldKey);
    ValkeyStore between = replicas.one(1, newKey, oldKey);

    assertThat(before.claim(named("a"))).isInstanceOf(StoreClaim.Mine.class);
    assertThat(between.claim(named("a"))).isInstanceOf(StoreClaim.Undecided.class);
    assertThat(between.claim(named("b"))).isInstanceOf(StoreClaim.Mine.class);
    ValkeyStore after = replicas.one(2, newKey);
    assertThat(before.claim(named("b"))).isInstanceOf(StoreClaim.Undecided.class);
    assertThat(after.claim(named("b"))).isInstanceOf(StoreClaim.Undecided.class);
    StoreClaim.Mine claim = (StoreClaim.Mine) between.claim(named("c"));
    between.giveBack(claim);
    assertThat(before.claim(named("c"))).isInstanceOf(StoreClaim.Mine.class);
    assertThat(after.claim(named("c"))).isInstanceOf(StoreClaim.Mine.class);
  }

  @Test
  void a_value_written_with_the_store_password_alone_claims_nothing() {
    ValkeyStore one = replicas.one(0, oldKey);
    ValkeyStore two = replicas.one(1, oldKey);
    StoreClaim.Mine mine = mine(one);
    StoredValue written = mine.written().getFirst();
    StoreClaim.Mine other = (StoreClaim.Mine) one.claim(named("other"));
    one.giveBack(mine);

    for (String foreign : List.of("1", "x".repeat(2000), other.written().getFirst().value())) {
      server.admin("SET", written.name(), foreign);
      assertThat(two.look(named("id"))).isEmpty();
      StoreClaim.Mine theirs = mine(two);
      assertThat(one.claim(named("id"))).isInstanceOf(StoreClaim.Undecided.class);
      two.giveBack(theirs);
    }
    assertThat(replicas.status(1).foreign()).isEqualTo(6);
  }

  @Test
  void a_dump_of_the_store_tells_nothing() {
    mine(replicas.one(0, newKey, oldKey));

    List<String> names = server.admin("KEYS", "{token-broker:once}:???????*");

    assertThat(names).hasSize(2).allMatch(name -> name.matches("\\{token-broker:once}:[\\w-]{43}"));
    assertThat(names.stream().flatMap(name -> server.admin("GET", name).stream()))
        .hasSize(2)
        .allMatch(value -> value.matches("[\\w-]{87}"));
    assertThat(names).allSatisfy(name -> assertThat(remaining(name)).isBetween(290_000L, 305_000L));
  }

  @Test
  void a_claim_that_no_replica_of_the_server_has_counts_as_none() {
    ValkeyStore cautious = replicas.one(0, TestStoreSettings.withKeys(oldKey).withReplicas(1));

    assertThat(cautious.claim(named("id"))).isInstanceOf(StoreClaim.Unavailable.class);

    ValkeyStore two = replicas.one(1, oldKey);
    Eventually.until(() -> two.look(named("id")), look -> look.isEmpty());
  }

  private static StoreClaim.Mine mine(ValkeyStore replica) {
    StoreClaim claim = replica.claim(named("id"));
    assertThat(claim).isInstanceOf(StoreClaim.Mine.class);
    return (StoreClaim.Mine) claim;
  }

  private static long remaining(String name) {
    return Long.parseLong(server.admin("PTTL", name).getFirst());
  }

  /** What a replica does in a race. */
  private interface Racer {
    void run(ValkeyStore replica, int race);
  }

  /** Has all replicas run in each race at the same time, some races at a time. */
  private static void atOnce(List<ValkeyStore> replicas, Racer racer)
      throws InterruptedException, ExecutionException {
    Semaphore places = new Semaphore(100);
    List<Future<?>> ends = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int race = 0; race < RACES; race++) {
        for (ValkeyStore replica : replicas) {
          int number = race;
          places.acquire();
          ends.add(
              threads.submit(
                  () -> {
                    try {
                      racer.run(replica, number);
                    } finally {
                      places.release();
                    }
                  }));
        }
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }
}
