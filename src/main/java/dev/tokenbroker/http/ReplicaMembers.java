package dev.tokenbroker.http;

import dev.tokenbroker.store.ComparedFact;
import dev.tokenbroker.store.Replica;
import dev.tokenbroker.store.ReplicaDifference;
import dev.tokenbroker.store.ReplicaDifferences;
import dev.tokenbroker.store.Roster;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Describes the replicas that are up for operators, in JSON members. Reads values in memory. */
@Singleton
public final class ReplicaMembers {

  /** How many replicas are shown. */
  public static final int MAX_REPLICAS = 100;

  /** How many differences of one replica are shown. */
  static final int MAX_DIFFERENCES = 16;

  private static final String NONE = "(none)";

  private final Roster roster;
  private final ReplicaDifferences differences;

  ReplicaMembers(Roster roster, ReplicaDifferences differences) {
    this.roster = roster;
    this.differences = differences;
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

  /** The first {@value #MAX_REPLICAS} replicas: this one, then the others by id. */
  public List<Map<String, Object>> replicas() {
    List<ReplicaDifference> all = differences.all();
    return roster.clocks().entrySet().stream()
        .limit(MAX_REPLICAS)
        .map(entry -> replica(entry.getKey(), entry.getValue(), all))
        .toList();
  }

  private Map<String, Object> replica(
      Replica replica, Duration ahead, List<ReplicaDifference> all) {
    List<ReplicaDifference> own =
        all.stream().filter(each -> each.replica().id().equals(replica.id())).toList();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("id", replica.id());
    members.put("name", replica.name());
    if (replica.id().equals(roster.id())) {
      members.put("self", true);
    }
    fact(members, replica, ComparedFact.BUILD);
    fact(members, replica, ComparedFact.REVISION);
    fact(members, replica, ComparedFact.CANDIDATE);
    members.put("ready", Boolean.parseBoolean(replica.fact(Replica.READY)));
    members.put("clock_offset_seconds", ahead.toMillis() / 1e3);
    members.put("differs", own.stream().limit(MAX_DIFFERENCES).map(this::difference).toList());
    members.put("difference_count", own.size());
    return members;
  }

  private static void fact(Map<String, Object> members, Replica replica, ComparedFact fact) {
    String told = replica.fact(fact.label());
    if (!told.isEmpty() && !told.equals(NONE)) {
      members.put(fact.label(), told);
    }
  }

  private Map<String, Object> difference(ReplicaDifference difference) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("fact", difference.fact().label());
    if (!difference.part().isEmpty()) {
      members.put("part", difference.part());
    }
    members.put("is", difference.is());
    members.put("others", difference.others());
    members.put("seconds", difference.lasting().toSeconds());
    members.put("settled", differences.isSettled(difference));
    return members;
  }
}
