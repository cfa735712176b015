package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs that several replicas share at a real Valkey server. */
@Tag("store")
@Tag("in-process")
class ValkeyLogIT extends ReplicasOfOneServer {

  private static final LogKind KIND = LogKind.REVOCATIONS;
  private static final Instant WRITTEN = Instant.parse("2026-11-28T12:00:00Z");

  /** What one replica has heard, and announces again. */
  private static final class Ear implements StoreLog.LogListener {

    private final Set<String> heard = new ConcurrentSkipListSet<>();
    private final StoreLog log;

    Ear(ValkeyStore replica) {
      log = replica.listen(KIND, this);
      awaitAnswer(replica);
    }

    /** A broker is ready only once its connections are open; a server may also be away. */
    private static void awaitAnswer(ValkeyStore replica) {
      ClaimedName nobody =
          new ClaimedName(StoreKind.CREDENTIAL, "nobody", WRITTEN, Duration.ofSeconds(1));
      for (int look = 0;
          look < 10 && replica.look(nobody).orElse(null) instanceof StoreClaim.Unavailable;
          look++) {
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
    }

    @Override
    public void heard(LogEntry entry) {
      assertThat(entry.written()).isEqualTo(WRITTEN);
      heard.add(new String(entry.content(), UTF_8));
    }

    @Override
    public List<LogEntry> known() {
      return heard.stream().map(ValkeyLogIT::entry).toList();
    }

    boolean announce(String text) {
      return log.announce(entry(text));
    }

    Set<String> hears(Set<String> all) {
      return Eventually.see(() -> Set.copyOf(heard), all::equals);
    }
  }

  private static LogEntry entry(String text) {
    return new LogEntry(WRITTEN, text.getBytes(UTF_8));
  }

  private List<Ear> three() {
    return replicas.all(oldKey).stream().map(Ear::new).toList();
  }

  @Test
  void all_replicas_hear_what_one_announces_the_one_itself_included() {
    List<Ear> ears = three();

    assertThat(ears.get(0).announce("a")).isTrue();
    assertThat(ears.get(1).announce("b")).isTrue();
    assertThat(ears.get(2).announce("a")).isTrue();

    assertThat(ears).allSatisfy(ear -> assertThat(ear.hears(Set.of("a", "b"))).hasSize(2));
    assertThat(server.admin("ZCARD", name())).containsExactly("2");
  }

  @Test
  void a_replica_that_begins_later_hears_all_that_the_log_keeps() {
    Ear first = new Ear(replicas.one(0, oldKey));
    Set<String> all =
        IntStream.range(0, 2500).mapToObj(at -> "entry-" + at).collect(Collectors.toSet());
    all.forEach(text -> assertThat(first.announce(text)).isTrue());

    Ear later = new Ear(replicas.one(1, oldKey));

    assertThat(later.hears(all)).hasSize(2500);
    hasRead(later.log); // the round that reads the last entry ends a moment later
  }

  private static void hasRead(StoreLog log) {
    Duration soon = Duration.ofSeconds(10);
    Eventually.until(log::silence, silence -> silence.compareTo(soon) < 0);
  }

  @Test
  void a_replica_reads_all_older_entries_first_while_others_write_a_whole_page() {
    Ear writer = new Ear(replicas.one(0, oldKey));
    List<String> order = new CopyOnWriteArrayList<>();
    StoreLog reader =
        replicas
            .one(1, oldKey)
            .listen(
                KIND,
                new StoreLog.LogListener() {
                  @Override
                  public void heard(LogEntry entry) {
                    order.add(new String(entry.content(), UTF_8));
                    if (order.size() == 1) {
                      many(writer, "old", 3000);
                    } else if (order.size() == 1500) { // while the third page of a round is read
                      many(writer, "new", 1000);
                    }
                  }

                  @Override
                  public List<LogEntry> known() {
                    return List.of();
                  }
                });

    hasRead(reader);

    assertThat(writer.announce("first")).isTrue();

    Eventually.until(order::size, size -> size == 4001);
    assertThat(order.subList(0, 3000)).noneMatch(text -> text.startsWith("new"));
  }

  private static void many(Ear writer, String name, int count) {
    IntStream.range(0, count)
        .parallel()
        .forEach(at -> assertThat(writer.announce(name + at)).isTrue());
  }

  @Test
  void a_server_that_lost_its_memory_is_refilled_by_the_replicas() {
    List<Ear> ears = three();
    assertThat(ears.get(0).announce("a")).isTrue();
    assertThat(ears).allSatisfy(ear -> assertThat(ear.hears(Set.of("a"))).hasSize(1));

    server.admin("FLUSHALL");

    Eventually.until(ValkeyLogIT::size, "1"::equals);
    assertThat(new Ear(replicas.one(1, oldKey)).hears(Set.of("a"))).hasSize(1);
  }

  @Test
  void announces_an_entry_again_if_the_server_lost_it_unread() {
    Ear one = new Ear(replicas.one(0, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(one.hears(Set.of("a"))).hasSize(1);

    one.heard.add("b"); // as a replica knows what it announced itself
    assertThat(one.announce("b")).isTrue();
    server.admin("ZPOPMAX", name());

    Eventually.until(ValkeyLogIT::size, "2"::equals);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void notices_a_deleted_entry_and_announces_it_again(int which) {
    Ear one = new Ear(replicas.one(0, oldKey));
    Set<String> all = Set.of("a", "b", "c");
    for (String text : List.of("a", "b", "c")) {
      assertThat(one.announce(text)).isTrue();
    }
    assertThat(one.hears(all)).hasSize(3);

    server.admin("ZREMRANGEBYRANK", name(), "" + which, "" + which);

    Eventually.until(ValkeyLogIT::size, "3"::equals);
    assertThat(new Ear(replicas.one(1, oldKey)).hears(all)).hasSize(3);
  }

  @Test
  void reports_deleted_entries_of_another_replica_to_operators() {
    Ear one = new Ear(replicas.one(0, oldKey));
    Ear two = new Ear(replicas.one(1, oldKey));
    for (String text : List.of("a", "b")) {
      assertThat(one.announce(text)).isTrue();
    }
    assertThat(two.hears(Set.of("a", "b"))).hasSize(2);
    one.heard.clear(); // so that it does not announce them first

    server.admin("ZPOPMIN", name());

    Eventually.until(replicas::changes, changes -> !changes.isEmpty());
    assertThat(replicas.changes().getFirst().kind()).isEqualTo(ChangeKind.STORE_LOST);
    assertThat(two.hears(Set.of("a", "b"))).hasSize(2);
  }

  @Test
  void announces_an_entry_again_if_another_takes_its_place_unread() {
    Ear one = new Ear(replicas.one(0, oldKey));
    Ear two = new Ear(replicas.one(1, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(two.hears(Set.of("a"))).hasSize(1);

    one.heard.add("b"); // as a replica knows what it announced itself
    assertThat(one.announce("b")).isTrue();
    server.admin(
        "EVAL",
        "local e = redis.call('ZPOPMAX', KEYS[1]); redis.call('ZADD', KEYS[1], e[2], 'junk')",
        "1",
        name());

    assertThat(two.hears(Set.of("a", "b"))).hasSize(2);
  }

  @Test
  void ignores_and_notes_entries_written_with_the_password_alone() {
    Ear one = new Ear(replicas.one(0, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(one.hears(Set.of("a"))).hasSize(1);

    server.admin("ZADD", name(), "9000000000000000", "foreign");
    server.admin("ZADD", name(), "9000000000000001", "x".repeat(100_000));
    Eventually.until(() -> replicas.status(0).foreign(), count -> count == 2);
    server.admin("ZADD", name(), "+inf", "endless");
    Eventually.until(() -> replicas.status(0).foreign(), count -> count == 3);

    assertThat(one.announce("b")).isTrue();
    assertThat(one.hears(Set.of("a", "b"))).hasSize(2);
    assertThat(replicas.status(0).foreign()).isEqualTo(3);
  }

  @Test
  void a_log_of_another_type_is_foreign_and_begun_anew() {
    Ear one = new Ear(replicas.one(0, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(one.hears(Set.of("a"))).hasSize(1);

    server.admin("SET", name(), "foreign");

    Eventually.until(() -> replicas.status(0).foreign(), count -> count == 1);
    Eventually.until(ValkeyLogIT::size, "1"::equals);
    assertThat(one.announce("b")).isTrue();
    assertThat(one.hears(Set.of("a", "b"))).hasSize(2);
    assertThat(replicas.status(0).problems()).isEmpty();
    assertThat(replicas.status(0).failures()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"junk", "junk=", "\u00e9"})
  void a_flooded_log_has_room_for_what_replicas_announce(String junk) {
    Ear one = new Ear(replicas.one(0, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(one.hears(Set.of("a"))).hasSize(1);

    server.admin(
        "EVAL",
        "redis.call('DEL', KEYS[1]) for i = 1, ARGV[1] do redis.call('ZADD', KEYS[1],"
            + " redis.call('TIME')[1] * 1000000 + i, ARGV[2] .. i) end return 0",
        "1",
        name(),
        "" + KIND.most(),
        junk);

    Eventually.until(ValkeyLogIT::size, "1"::equals);
    Ear two = new Ear(replicas.one(1, oldKey));
    assertThat(two.hears(Set.of("a"))).hasSize(1);
  }

  @Test
  void pages_of_foreign_entries_at_one_place_hide_nothing() {
    Ear one = new Ear(replicas.one(0, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(one.hears(Set.of("a"))).hasSize(1);

    server.admin(
        Stream.concat(
                Stream.of("ZADD", name()),
                IntStream.range(0, 2500)
                    .boxed()
                    .flatMap(at -> Stream.of("9000000000000000", "foreign-" + at)))
            .toArray(String[]::new));
    Eventually.until(() -> replicas.status(0).foreign(), count -> count == 2500);

    Ear two = new Ear(replicas.one(1, oldKey)); // not before: it would count some of them
    assertThat(two.announce("b")).isTrue();
    assertThat(one.hears(Set.of("a", "b"))).hasSize(2);
    assertThat(replicas.status(0).foreign()).isEqualTo(2500);
  }

  @Test
  void replicas_hear_each_other_while_the_key_rotates() {
    Ear before = new Ear(replicas.one(0, oldKey));
    assertThat(before.announce("a")).isTrue();
    Ear between = new Ear(replicas.one(1, newKey, oldKey));
    assertThat(between.announce("b")).isTrue();
    assertThat(before.hears(Set.of("a", "b"))).hasSize(2);
    assertThat(between.hears(Set.of("a", "b"))).hasSize(2);

    Ear after = new Ear(replicas.one(2, newKey));
    assertThat(after.hears(Set.of("a", "b"))).hasSize(2);
  }

  @Test
  void an_entry_that_comes_late_under_the_old_key_outlives_that_key() {
    Ear late = new Ear(replicas.one(0, oldKey));
    Ear between = new Ear(replicas.one(1, newKey, oldKey));
    assertThat(late.announce("a")).isTrue();
    assertThat(between.hears(Set.of("a"))).hasSize(1);
    Ear after = new Ear(replicas.one(2, newKey));
    assertThat(after.hears(Set.of("a"))).hasSize(1);

    assertThat(late.announce("b")).isTrue();

    assertThat(after.hears(Set.of("a", "b"))).hasSize(2);
    assertThat(replicas.changes()).isEmpty();
  }

  @Test
  void hears_an_entry_moved_before_a_place_already_read() {
    Ear one = new Ear(replicas.one(0, oldKey));
    Ear two = new Ear(replicas.one(1, oldKey));
    assertThat(one.announce("a")).isTrue();
    assertThat(two.hears(Set.of("a"))).hasSize(1);

    Ear writer = new Ear(replicas.one(2, oldKey));
    assertThat(writer.announce("b")).isTrue();
    server.admin(
        "EVAL",
        "local e = redis.call('ZPOPMAX', KEYS[1]);"
            + " redis.call('ZADD', KEYS[1], string.format('%.0f', e[2] - 6e8), e[1])",
        "1",
        name());

    assertThat(two.hears(Set.of("a", "b"))).hasSize(2);
    assertThat(one.hears(Set.of("a", "b"))).hasSize(2);
  }

  @Test
  void a_dump_of_a_log_tells_nothing() {
    assertThat(new Ear(replicas.one(0, oldKey)).announce("a-token-id")).isTrue();

    assertThat(name()).matches("\\{token-broker:revoked}:[\\w-]{43}");
    assertThat(server.admin("ZRANGE", name(), "0", "-1"))
        .hasSize(1)
        .allMatch(value -> value.matches("[\\w-]+"))
        .noneMatch(
            value ->
                new String(Base64.getUrlDecoder().decode(value), ISO_8859_1)
                    .contains("a-token-id"));
    assertThat(Long.parseLong(server.admin("PTTL", name()).getFirst()))
        .isBetween(11_300_000L, 11_400_000L);
  }

  private static String size() {
    List<String> names = server.admin("KEYS", "{token-broker:revoked}*");
    return names.isEmpty() ? "0" : server.admin("ZCARD", names.getFirst()).getFirst();
  }

  /** The name of the only log. */
  private static String name() {
    return server.admin("KEYS", "{token-broker:revoked}*").getFirst();
  }
}
