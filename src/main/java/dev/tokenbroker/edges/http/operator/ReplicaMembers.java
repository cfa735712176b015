package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.peers.store.Replica;
import dev.tokenbroker.peers.store.Roster;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Describes the replicas that are up for operators, in JSON members. Reads values in memory. */
@Singleton
public final class ReplicaMembers {

  /** How many replicas are shown. */
  public static final int MAX_REPLICAS = 100;

  private static final String NONE = "(none)";

  private final Roster roster;

  ReplicaMembers(Roster roster) {
    this.roster = roster;
  }

  /** Whether there can be other replicas. */
  public boolean isShared() {
    return roster.isShared();
  }

  /** The number of replicas that are up. */
  public int size() {
    return roster.size();
  }

  /** For how long this replica has heard nothing of the others. */
  Duration silence() {
    return roster.silence();
  }

  /** Adds the first {@value #MAX_REPLICAS} replicas, this one and then the others by id. */
  public void describe(Map<String, Object> members) {
    members.put(
        "replicas",
        roster.all().entrySet().stream()
            .limit(MAX_REPLICAS)
            .map(entry -> replica(entry.getKey(), entry.getValue()))
            .toList());
  }

  private Map<String, Object> replica(Replica replica, Duration silence) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("id", replica.id());
    members.put("name", replica.name());
    if (replica.id().equals(roster.id())) {
      members.put("self", true);
    }
    String revision = replica.fact(Replica.REVISION);
    if (!revision.isEmpty() && !revision.equals(NONE)) {
      members.put("revision", revision);
    }
    members.put("ready", Boolean.parseBoolean(replica.fact(Replica.READY)));
    members.put("silence_seconds", silence.toSeconds());
    return members;
  }
}
