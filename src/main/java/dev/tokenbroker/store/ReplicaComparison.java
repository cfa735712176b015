package dev.tokenbroker.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the replicas that differ from more than half of the others. If two replicas are up, both
 * differ: nothing says which of them is right.
 */
final class ReplicaComparison {

  /**
   * By how much clocks must differ. A message is read up to half a second after it was written, so
   * that a clock seems to be behind by that.
   */
  static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

  /** The replicas and how far the clock of each is ahead of ours. */
  private final Map<Replica, Duration> replicas;

  private ReplicaComparison(Map<Replica, Duration> replicas) {
    this.replicas = replicas;
  }

  /**
   * The differences, which have lasted for no time yet.
   *
   * @param replicas all that are up, and how far the clock of each is ahead of ours
   */
  static List<ReplicaDifference> of(Map<Replica, Duration> replicas) {
    ReplicaComparison comparison = new ReplicaComparison(replicas);
    return Stream.of(ComparedFact.values())
        .flatMap(
            fact ->
                (fact == ComparedFact.CLOCK ? comparison.clocks() : comparison.told(fact)).stream())
        .toList();
  }

  /** One value of a fact, and who tells it. */
  private record Told(Replica replica, String value) {}

  private List<ReplicaDifference> told(ComparedFact fact) {
    SortedMap<String, List<Told>> byPart = new TreeMap<>();
    for (Replica replica : replicas.keySet()) {
      fact.parts(replica)
          .forEach(
              (part, value) ->
                  byPart
                      .computeIfAbsent(part, _ -> new ArrayList<>())
                      .add(new Told(replica, value)));
    }
    List<ReplicaDifference> differences = new ArrayList<>();
    byPart.forEach((part, all) -> compare(fact, part, all, differences));
    return differences;
  }

  private static void compare(
      ComparedFact fact, String part, List<Told> all, List<ReplicaDifference> differences) {
    Map<String, Long> counts =
        all.stream()
            .collect(Collectors.groupingBy(Told::value, TreeMap::new, Collectors.counting()));
    for (Told one : all) {
      long others = all.size() - counts.getOrDefault(one.value(), 0L);
      if (isMost(others, all.size() - 1)) {
        String usual =
            counts.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(one.value()))
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("");
        differences.add(
            new ReplicaDifference(one.replica(), fact, part, one.value(), usual, Duration.ZERO));
      }
    }
  }

  private List<ReplicaDifference> clocks() {
    List<ReplicaDifference> differences = new ArrayList<>();
    replicas.forEach(
        (replica, ahead) -> {
          List<Duration> others = new ArrayList<>(replicas.values());
          others.remove(ahead);
          others.sort(Comparator.naturalOrder());
          long far = others.stream().filter(other -> isFar(ahead.minus(other))).count();
          if (isMost(far, others.size())) {
            differences.add(clock(replica, ahead.minus(others.get(others.size() / 2))));
          }
        });
    return differences;
  }

  private static ReplicaDifference clock(Replica replica, Duration ahead) {
    String is = ahead.abs().toSeconds() + " s " + (ahead.isNegative() ? "behind" : "ahead");
    return new ReplicaDifference(replica, ComparedFact.CLOCK, "", is, "0 s", Duration.ZERO);
  }

  private static boolean isFar(Duration difference) {
    return difference.abs().compareTo(CLOCK_TOLERANCE) > 0;
  }

  private static boolean isMost(long some, long all) {
    return 2 * some > all;
  }
}
