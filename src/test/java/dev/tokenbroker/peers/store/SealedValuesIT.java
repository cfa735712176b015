package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sealed content of several replicas at a real Valkey server. */
@Tag("store")
@Tag("in-process")
class SealedValuesIT extends ReplicasOfOneServer {

  private static final StoreKind KIND = StoreKind.TOKEN;
  private static final Duration TTL = Duration.ofMinutes(1);
  private static final byte[] SECRET = "a credential".getBytes(UTF_8);
  private static final byte[] CONTENT = "a token".getBytes(UTF_8);

  @Test
  void a_replica_reads_what_another_sealed_with_the_same_secret() {
    replicas.one(0, oldKey).putSealed(KIND, "id", SECRET, CONTENT, TTL);

    ValkeyStore two = replicas.one(1, oldKey);
    assertThat(two.getSealed(KIND, "id", SECRET)).hasValue(CONTENT);
    assertThat(two.getSealed(KIND, "id", "another".getBytes(UTF_8))).isEmpty();
    assertThat(two.getSealed(KIND, "other", SECRET)).isEmpty();
    assertThat(replicas.one(2, newKey).getSealed(KIND, "id", SECRET)).isEmpty();
    assertThat(replicas.status(1).foreign()).isZero();
  }

  @Test
  void content_is_read_and_removed_while_the_key_rotates() {
    ValkeyStore before = replicas.one(0, oldKey);
    ValkeyStore between = replicas.one(1, newKey, oldKey);
    ValkeyStore after = replicas.one(2, newKey);
    before.putSealed(KIND, "a", SECRET, CONTENT, TTL);
    between.putSealed(KIND, "b", SECRET, CONTENT, TTL);

    assertThat(between.getSealed(KIND, "a", SECRET)).hasValue(CONTENT);
    assertThat(after.getSealed(KIND, "b", SECRET)).hasValue(CONTENT);
    assertThat(before.getSealed(KIND, "b", SECRET)).isEmpty();
    between.remove(KIND, "a");
    assertThat(before.getSealed(KIND, "a", SECRET)).isEmpty();
  }

  @Test
  void ignores_and_counts_a_moved_or_changed_value() {
    ValkeyStore one = replicas.one(0, oldKey);
    one.putSealed(KIND, "a", SECRET, CONTENT, TTL);
    String first = server.admin("KEYS", "{token-broker:token}*").getFirst();
    one.putSealed(KIND, "b", SECRET, "another".getBytes(UTF_8), TTL);
    String second =
        server.admin("KEYS", "{token-broker:token}*").stream()
            .filter(n -> !n.equals(first))
            .findFirst()
            .orElseThrow();
    String moved = server.admin("GET", first).getFirst();

    server.admin("SET", second, moved);
    assertThat(one.getSealed(KIND, "b", SECRET)).isEmpty();
    server.admin("SET", first, "x" + moved.substring(1));
    assertThat(one.getSealed(KIND, "a", SECRET)).isEmpty();
    server.admin("SET", first, moved.substring(0, moved.length() / 2));
    assertThat(one.getSealed(KIND, "a", SECRET)).isEmpty();

    assertThat(replicas.status(0).foreign()).isEqualTo(3);
  }

  @Test
  void the_longest_content_can_be_read_again() {
    ValkeyStore one = replicas.one(0, oldKey);
    byte[] longest = new byte[SharedStore.MAX_SEALED_BYTES];

    one.putSealed(KIND, "id", SECRET, longest, TTL);

    assertThat(one.getSealed(KIND, "id", SECRET)).hasValue(longest);
  }

  @Test
  void a_dump_shows_nothing_and_ends_with_the_time_to_live() {
    replicas.one(0, oldKey).putSealed(KIND, "id", SECRET, CONTENT, TTL);

    List<String> names = server.admin("KEYS", "{token-broker:token}*");

    assertThat(names)
        .singleElement()
        .satisfies(
            name -> {
              assertThat(name).matches("\\{token-broker:token}:[\\w-]{43}");
              assertThat(Long.parseLong(server.admin("PTTL", name).getFirst()))
                  .isBetween(1L, TTL.toMillis());
              assertThat(server.admin("GET", name).getFirst()).matches("[\\w-]+");
            });
    assertThat(StoreDump.of(server)).doesNotContain("a token", "a credential");
  }
}
