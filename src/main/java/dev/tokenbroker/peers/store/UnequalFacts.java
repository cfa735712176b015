package dev.tokenbroker.peers.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Finds the facts that are not equal at all replicas. It does not say which replica is right. */
public final class UnequalFacts {

  /** The name of the clock. No replica tells it: each one measures the clocks of the others. */
  static final String CLOCK = "clock";

  /**
   * How far clocks may be apart. A message is read up to half a second after it was written, so a
   * clock seems to be behind by that.
   */
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

  private UnequalFacts() {}

  /**
   * The names of those facts. A replica that does not tell a fact, such as one of another version,
   * does not count for it.
   *
   * @param replicas all that are up, and how far the clock of each is ahead of ours
   */
  public static List<String> of(Map<Replica, Duration> replicas) {
    List<String> unequal = new ArrayList<>();
    for (ComparedFact fact : ComparedFact.values()) {
      String name = fact.label();
      long values =
          replicas.keySet().stream()
              .map(replica -> replica.fact(name))
              .filter(told -> !told.isEmpty())
              .distinct()
              .count();
      if (values > 1) {
        unequal.add(name);
      }
    }
    if (areApart(replicas.values())) {
      unequal.add(CLOCK);
    }
    return unequal;
  }

  private static boolean areApart(Collection<Duration> clocks) {
    Duration apart = Collections.max(clocks).minus(Collections.min(clocks));
    return apart.compareTo(CLOCK_TOLERANCE) > 0;
  }
}
