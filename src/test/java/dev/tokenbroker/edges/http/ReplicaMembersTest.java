package dev.tokenbroker.edges.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replicas that share a store in memory, as the first one describes them. */
class ReplicaMembersTest {

  private final TestStore store = new TestStore();
  private final Roster one = roster("1.0");

  private Roster roster(String build) {
    Roster roster = new Roster(true, store, new TestClock());
    roster.tell("build", () -> build);
    roster.tell("keys", () -> "0123abcd");
    roster.tell("candidate", () -> "(none)");
    return roster;
  }

  private JsonObject described() {
    Map<String, Object> members = new LinkedHashMap<>();
    new ReplicaMembers(one).describe(members);
    return new JsonObject(members);
  }

  @Test
  void lists_the_facts_of_each_replica_and_names_unequal_ones() {
    roster("1.1").round();

    JsonObject document = described();

    assertThat(document.getJsonArray("unequal_facts")).containsExactly("build");
    JsonArray replicas = document.getJsonArray("replicas");
    assertThat(replicas).hasSize(2);
    JsonObject self = replicas.getJsonObject(0);
    JsonObject other = replicas.getJsonObject(1);
    assertThat(self.getBoolean("self")).isTrue();
    assertThat(self.getString("build")).isEqualTo("1.0");
    assertThat(self.containsKey("candidate")).isFalse();
    assertThat(other.containsKey("self")).isFalse();
    assertThat(other.getString("build")).isEqualTo("1.1");
    assertThat(other.getString("keys")).isEqualTo("0123abcd");
  }

  @Test
  void shows_100_replicas_and_compares_all() {
    List<Roster> others = Stream.generate(() -> roster("1.0")).limit(120).toList();
    Collections.max(others, Comparator.comparing(Roster::id)).tell("build", () -> "1.1");
    others.forEach(Roster::round);

    assertThat(described().getJsonArray("replicas")).hasSize(ReplicaMembers.MAX_REPLICAS);
    assertThat(described().getJsonArray("unequal_facts")).containsExactly("build");
  }
}
