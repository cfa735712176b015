package dev.tokenbroker.edges.http.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replicas that share a store in memory, as the first one describes them. */
class ReplicaMembersTest {

  private final TestStore store = new TestStore();
  private final Roster one = roster("(none)");

  private Roster roster(String revision) {
    Roster roster = new Roster(true, store, new TestClock());
    roster.tell("revision", () -> revision);
    return roster;
  }

  private JsonObject described() {
    Map<String, Object> members = new LinkedHashMap<>();
    new ReplicaMembers(one).describe(members);
    return new JsonObject(members);
  }

  @Test
  void lists_this_replica_and_the_others() {
    roster("0123abcd").round();

    JsonArray replicas = described().getJsonArray("replicas");
    assertThat(replicas).hasSize(2);
    JsonObject self = replicas.getJsonObject(0);
    JsonObject other = replicas.getJsonObject(1);
    assertThat(self.getBoolean("self")).isTrue();
    assertThat(self.containsKey("revision")).isFalse();
    assertThat(other.containsKey("self")).isFalse();
    assertThat(other.getString("revision")).isEqualTo("0123abcd");
    assertThat(other.getLong("silence_seconds")).isZero();
  }

  @Test
  void shows_100_replicas() {
    Stream.generate(() -> roster("0123abcd")).limit(120).forEach(Roster::round);

    assertThat(described().getJsonArray("replicas")).hasSize(ReplicaMembers.MAX_REPLICAS);
  }
}
