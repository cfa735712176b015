package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.peers.store.LogEntry;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.StoreLog;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of several replicas that share a store in memory. */
@Tag("drawn")
class ReplicaKeysTest {

  private static final Duration PUBLISH_BEFORE = Duration.ofMinutes(15);
  private static final Duration TOKEN_LIFE = Duration.ofHours(1).plusSeconds(60);
  private static final Map<SigningAlgorithm, Set<String>> RSA =
      Map.of(SigningAlgorithm.RS256, Set.of("payments-api"));

  private final TestStore store = new TestStore();
  private final TestClock clock = new TestClock();
  private final AtomicLong nanos = new AtomicLong();
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final List<TestReplica> replicas = new ArrayList<>();

  @TempDir Path directory;

  /** One process, whose rounds run when the test says so. */
  private final class TestReplica {

    private final Roster roster = new Roster(true, store, new TestClocks(clock, nanos::get));
    private final ReplicaKeys others;
    private final SigningKeys keys;

    TestReplica(TestTokenSettings with) {
      others = new ReplicaKeys(store, roster, with, clock);
      keys =
          new SigningKeys(
              with,
              SignatureProvider.automatic(),
              new TestClocks(clock, nanos::get),
              ChangeListener.NONE,
              others);
      roster.round();
      replicas.add(this);
    }

    void round() {
      keys.keepUp();
      roster.round();
    }

    String signer() {
      return keys.signer(clock.instant()).map(SigningKey::kid).orElse("");
    }

    /** Whether it has a key for targets that name that algorithm. */
    boolean signs(SigningAlgorithm name) {
      return keys.signer(clock.instant(), name).isPresent();
    }

    Set<String> published() {
      return keys.published().jwkList().stream()
          .map(jwk -> (String) jwk.get("kid"))
          .collect(Collectors.toSet());
    }

    void stop() {
      replicas.remove(this);
      roster.stop(new Shutdown());
    }

    /** Ends it without a word. */
    void kill() {
      replicas.remove(this);
    }
  }

  private TestReplica replica() {
    return new TestReplica(settings);
  }

  private void pass(Duration time) {
    pass(time, Duration.ofSeconds(2));
  }

  private void pass(Duration time, Duration step) {
    Instant end = clock.instant().plus(time);
    while (clock.instant().isBefore(end)) {
      clock.advance(step);
      nanos.addAndGet(step.toNanos());
      replicas.forEach(TestReplica::round);
    }
  }

  @Test
  void the_first_replica_signs_at_once_and_others_once_published() {
    TestReplica one = replica();
    assertThat(one.signer()).isNotEmpty();
    assertThat(one.keys.available()).isTrue();

    TestReplica two = replica();
    pass(PUBLISH_BEFORE.minusSeconds(2));
    assertThat(two.signer()).isEmpty();
    assertThat(two.keys.available()).isFalse();
    assertThat(two.keys.awaited()).contains("all replicas publish", "publish-before");
    assertThat(two.published()).contains(one.signer());
    pass(Duration.ofSeconds(6));

    assertThat(two.signer()).isNotEmpty().isNotEqualTo(one.signer());
    assertThat(one.published()).contains(two.signer()).isEqualTo(two.published());
  }

  /** Facts are asked in the order of their names. */
  @Test
  void asks_for_served_keys_before_which_of_them_copies_may_lack() {
    assertThat(List.of(ReplicaKeys.SERVES, ReplicaKeys.UNSETTLED)).isSorted();
  }

  @Test
  void of_replicas_that_start_together_one_begins() {
    Roster early = new Roster(true, store, new TestClocks(clock, nanos::get));
    Roster late = new Roster(true, store, new TestClocks(clock, nanos::get));
    ReplicaKeys one = new ReplicaKeys(store, early, settings, clock);
    ReplicaKeys two = new ReplicaKeys(store, late, settings, clock);

    assertThat(List.of(one.mayBegin(), two.mayBegin())).containsExactly(true, false);
  }

  @Test
  void a_replica_without_the_store_starts_no_key_of_its_own() {
    store.silent(StoreLog.NEVER_READ);
    TestReplica one = replica();

    assertThat(one.signer()).isEmpty();
    assertThat(one.published()).isEmpty();
    assertThat(one.keys.available()).isFalse();

    store.silent(Duration.ZERO);
    one.round();
    assertThat(one.keys.available()).isTrue();
  }

  @Test
  void a_replica_that_does_not_publish_a_key_blocks_it_until_down() {
    TestReplica one = replica();
    Roster deaf = new Roster(true, store, new TestClocks(clock, nanos::get));
    deaf.tell(ReplicaKeys.SERVES, () -> one.signer());
    TestReplica two = replica();
    for (int minute = 0; minute < 40; minute++) {
      deaf.round();
      pass(Duration.ofSeconds(8));
    }
    assertThat(two.signer()).isEmpty();

    pass(PUBLISH_BEFORE.plusSeconds(14));
    assertThat(two.signer()).isNotEmpty();
  }

  @Test
  void the_key_of_a_gone_replica_stays_as_long_as_its_tokens() {
    TestReplica one = replica();
    String first = one.signer();
    TestReplica two = replica();
    pass(PUBLISH_BEFORE.plusSeconds(10));

    one.kill();
    pass(TOKEN_LIFE);
    assertThat(two.published()).contains(first);
    TestReplica three = replica();
    assertThat(three.published()).contains(first).isEqualTo(two.published());

    pass(PUBLISH_BEFORE.plusMinutes(8));
    assertThat(two.published()).doesNotContain(first);
    assertThat(three.published()).doesNotContain(first);
  }

  @Test
  void while_the_store_is_away_keys_sign_on_and_new_ones_wait() {
    TestReplica one = replica();
    String first = one.signer();
    store.away(true);
    for (int minute = 1; minute <= 30 * 60; minute++) {
      store.silent(Duration.ofMinutes(minute));
      clock.advance(Duration.ofMinutes(1));
      nanos.addAndGet(Duration.ofMinutes(1).toNanos());
      one.round();
    }
    assertThat(one.signer()).isEqualTo(first);
    assertThat(one.published()).contains(first);
    assertThat(one.keys.available()).as("others may sign with keys unknown here").isFalse();
    assertThat(one.keys.awaited()).contains("news of the other replicas");

    store.away(false);
    store.silent(Duration.ZERO);
    assertThat(one.keys.available()).isTrue();
    one.round();
    pass(PUBLISH_BEFORE.plusSeconds(4));
    assertThat(one.signer()).isNotEqualTo(first);
  }

  @Test
  void key_files_sign_at_once_where_the_others_publish_the_same() throws IOException {
    TestTokenSettings files = settings.withFiles(file("a"));
    TestReplica one = new TestReplica(files);
    TestReplica two = new TestReplica(files);
    two.round();

    assertThat(two.signer()).isNotEmpty().isEqualTo(one.signer());
    assertThat(two.keys.available()).isTrue();
  }

  @Test
  void key_files_that_the_others_lack_wait_until_they_publish_them() throws IOException {
    TestReplica one = new TestReplica(settings.withFiles(file("a")));
    TestReplica two = new TestReplica(settings.withFiles(file("b")));
    assertThat(two.signer()).isEmpty();

    pass(Duration.ofSeconds(4));

    assertThat(two.signer()).isNotEmpty().isNotEqualTo(one.signer());
    assertThat(one.published()).contains(two.signer());
  }

  /** Verifiers hold copies of the keys of the replicas that are not restarted yet. */
  @Test
  void a_new_algorithm_in_key_files_waits_for_the_next_restart() throws IOException {
    String old = TestKeyFiles.es256();
    TestTokenSettings before = settings.withFiles(Files.writeString(directory.resolve("old"), old));
    TestTokenSettings after =
        settings.withFiles(Files.writeString(directory.resolve("new"), TestKeyFiles.rs256() + old));
    TestReplica first = started(before);
    TestReplica second = started(before);
    pass(Duration.ofSeconds(10));

    TestReplica third = restarted(first, after);
    assertThat(third.published()).isEqualTo(second.published()).hasSize(2);
    pass(PUBLISH_BEFORE.minusSeconds(20));
    assertThat(third.signs(SigningAlgorithm.RS256)).isFalse();
    assertThat(third.keys.available()).isFalse();
    assertThat(third.keys.awaited()).contains("all replicas publish", "RS256");
    pass(Duration.ofSeconds(30));
    assertThat(third.signs(SigningAlgorithm.RS256)).isTrue();
    assertThat(third.keys.available()).isTrue();

    TestReplica fourth = restarted(second, after);
    assertThat(fourth.signs(SigningAlgorithm.RS256)).isTrue();
    assertThat(restarted(third, after).signs(SigningAlgorithm.RS256)).isTrue();
  }

  /** The key for targets that name no algorithm is new, and the old key is for named ones now. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_new_key_for_other_targets_waits_while_the_old_key_signs(boolean above) throws IOException {
    String old = TestKeyFiles.rs256();
    String next = TestKeyFiles.es256();
    TestTokenSettings before = settings.withFiles(Files.writeString(directory.resolve("old"), old));
    String both = above ? next + old : old + next;
    TestTokenSettings after = settings.withFiles(Files.writeString(directory.resolve("new"), both));
    TestReplica first = started(before);
    TestReplica second = started(before);
    String known = second.signer();
    pass(Duration.ofSeconds(10));

    TestReplica third = restarted(first, after);
    assertThat(third.keys.available()).isTrue();
    assertThat(third.published()).isEqualTo(second.published()).hasSize(2);
    pass(PUBLISH_BEFORE.minusSeconds(20));
    assertThat(third.signer()).isEqualTo(known);
    assertThat(third.signs(SigningAlgorithm.RS256)).isTrue();
    pass(Duration.ofSeconds(30));
    assertThat(third.signer()).isNotEmpty().isNotEqualTo(known);

    assertThat(restarted(second, after).signer()).isEqualTo(third.signer());
  }

  @Test
  void an_algorithm_signs_at_once_if_replicas_start_together() throws IOException {
    TestTokenSettings both =
        settings.withFiles(
            Files.writeString(directory.resolve("a"), TestKeyFiles.rs256() + TestKeyFiles.es256()));
    List<TestReplica> all =
        List.of(new TestReplica(both), new TestReplica(both), new TestReplica(both));
    all.forEach(replica -> replica.keys.demand(RSA));
    pass(Duration.ofSeconds(4));

    assertThat(all).allMatch(replica -> replica.signs(SigningAlgorithm.RS256));
  }

  private TestReplica started(TestTokenSettings with) {
    TestReplica replica = new TestReplica(with);
    replica.keys.demand(RSA);
    pass(Duration.ofSeconds(4));
    assertThat(replica.keys.fetched().jwkList()).isNotEmpty();
    return replica;
  }

  private TestReplica restarted(TestReplica old, TestTokenSettings with) {
    old.stop();
    return started(with);
  }

  @Test
  void a_key_of_an_algorithm_that_leaves_the_files_leaves_the_store() throws IOException {
    Path file = file("a");
    TestReplica one = new TestReplica(settings.withFiles(file));
    TestReplica two = new TestReplica(settings.withFiles(file));
    String removed = one.signer();

    Files.writeString(file, TestKeyFiles.eddsa());
    pass(Duration.ofMinutes(86), Duration.ofSeconds(5));
    assertThat(one.published()).contains(removed).contains(one.signer());
    pass(Duration.ofMinutes(30), Duration.ofSeconds(5));

    assertThat(List.of(one, two))
        .allSatisfy(replica -> assertThat(replica.published()).containsExactly(one.signer()))
        .allSatisfy(replica -> assertThat(replica.others.known()).isNotEmpty())
        .allSatisfy(
            replica ->
                assertThat(replica.others.known())
                    .noneMatch(
                        entry ->
                            new String(entry.content(), StandardCharsets.UTF_8).contains(removed)));
  }

  @Test
  void key_files_work_without_the_store() throws IOException {
    store.silent(StoreLog.NEVER_READ);

    TestReplica one = new TestReplica(settings.withFiles(file("a")));

    assertThat(one.keys.available()).isTrue();
  }

  @Test
  void an_entry_without_a_public_key_under_its_thumbprint_is_void() {
    TestReplica one = replica();
    Map<String, Object> good =
        new LinkedHashMap<>(new TestReplica(settings).keys.published().jwkList().getFirst());
    List<Map<String, Object>> bad = new ArrayList<>();
    Map<String, Object> renamed = new HashMap<>(good);
    renamed.put("kid", "another");
    Map<String, Object> secret = new HashMap<>(good);
    secret.put("d", "AAAA");
    Map<String, Object> unnamed = new HashMap<>(good);
    unnamed.remove("kid");
    bad.add(renamed);
    bad.add(secret);
    bad.add(unnamed);
    bad.add(Map.of("kty", "oct", "k", "AAAA", "kid", "AAAA", "alg", "HS256"));
    long until = clock.instant().getEpochSecond() + 60;
    Set<String> before = one.published();
    for (Map<String, Object> jwk : bad) {
      one.others.heard(
          new LogEntry(
              clock.instant(), JsonBytes.of(Map.of("jwk", jwk, "by", "x", "until", until))));
    }
    one.others.heard(new LogEntry(clock.instant(), new byte[] {1, 2}));
    one.others.heard(new LogEntry(clock.instant(), JsonBytes.of(Map.of("jwk", "none"))));

    assertThat(one.published()).isEqualTo(before);
  }

  /**
   * Replicas come, stop, are killed and lose the store for a while, in a random order. A verifier
   * that holds a copy of the keys of any replica for jwks-max-age must know each key that signs,
   * and each replica must publish each key whose tokens live.
   */
  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void no_replica_ever_lacks_a_key_whose_tokens_live(long seed) {
    Random random = new Random(seed);
    TestTokenSettings often =
        settings.withTimes(
            Duration.ofHours(2), PUBLISH_BEFORE, settings.jwksMaxAge(), Duration.ofHours(1));
    Map<String, Instant> needed = new HashMap<>();
    List<Fetch> copies = new ArrayList<>();
    new TestReplica(often);
    Instant end = clock.instant().plus(Duration.ofHours(16));
    int signed = 0;
    while (clock.instant().isBefore(end)) {
      act(random, often);
      pass(Duration.ofSeconds(random.nextInt(2, 120)), Duration.ofSeconds(4));
      Instant now = clock.instant();
      needed.values().removeIf(until -> !until.isAfter(now));
      copies.removeIf(copy -> copy.time().isBefore(now.minus(settings.jwksMaxAge())));
      for (TestReplica replica : replicas) {
        Set<String> published = replica.published();
        assertThat(published).as("seed %d", seed).containsAll(needed.keySet());
        copies.add(new Fetch(now, published));
      }
      for (TestReplica replica : replicas) {
        String kid = replica.signer();
        if (!kid.isEmpty()) {
          signed++;
          assertThat(copies).as("seed %d", seed).allMatch(copy -> copy.kids().contains(kid));
          needed.put(kid, now.plus(TOKEN_LIFE));
        }
      }
    }
    assertThat(signed).isGreaterThan(500);
    assertThat(replicas.getFirst().published()).hasSizeLessThan(60);
  }

  private record Fetch(Instant time, Set<String> kids) {}

  private void act(Random random, TestTokenSettings often) {
    switch (random.nextInt(60)) {
      case 0 -> {
        if (replicas.size() < 5) {
          new TestReplica(often);
        }
      }
      case 1 -> someOther(random).ifPresent(TestReplica::stop);
      case 2 -> someOther(random).ifPresent(TestReplica::kill);
      default -> {}
    }
  }

  /** Not the last one that signs: if all are gone, a new one begins anew. */
  private Optional<TestReplica> someOther(Random random) {
    List<TestReplica> able = replicas.stream().filter(one -> !one.signer().isEmpty()).toList();
    return able.size() < 2 ? Optional.empty() : Optional.of(able.get(random.nextInt(able.size())));
  }

  private Path file(String name) throws IOException {
    return Files.writeString(directory.resolve(name), TestKeyFiles.es256());
  }
}
