package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.guard.StormSimulation.Figures;
import dev.tokenbroker.peers.guard.StormSimulation.Outage;
import dev.tokenbroker.peers.guard.StormSimulation.Storm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * A thousand clients that come back at once whatever they are told, against an upstream in trouble.
 * Prints a row for each kind of outage; {@code
 * src/docs/decisions/0011-attempts-are-needed-or-paid.md} quotes them.
 */
class SimulatedStorm {

  private static final int SEEDS = 4;

  /** The bound of one replica, for all of them together. */
  @Test
  void no_outage_exceeds_the_attempt_limit_for_any_replica_count() {
    List<Storm> storms = new ArrayList<>();
    for (int replicas : new int[] {1, 2, 3, 5, 18, 30}) {
      for (Outage outage : Outage.values()) {
        storms.add(new Storm(outage, replicas));
      }
    }

    print(storms);
  }

  private static void print(List<Storm> storms) {
    StringBuilder table =
        new StringBuilder(
            "replicas | outage   | calls/run | attempts in outage | per needed | bound"
                + " ratio | outage bound used | back after s | peak/s after\n");
    for (Storm storm : storms) {
      Figures worst = Figures.NONE;
      for (long seed = 1; seed <= SEEDS; seed++) {
        Figures figures = run(storm, seed);
        worst = worst.worse(figures);
        assertThat(figures.boundRatio()).as("seed %d", seed).isLessThanOrEqualTo(1);
      }
      table.append(row(storm, worst));
    }
    System.out.println(table);
  }

  private static Figures run(Storm storm, long seed) {
    try {
      Figures figures = new StormSimulation(seed, storm).run();
      if (storm.outage() == Outage.TOTAL) {
        // The first of the replicas whose turn it is.
        assertThat(figures.backAfterSeconds()).isLessThan(5);
      }
      return figures;
    } catch (AssertionError broken) {
      throw new AssertionError("seed " + seed + ", " + storm, broken);
    }
  }

  private static String row(Storm storm, Figures figures) {
    return String.format(
        Locale.ROOT,
        "%8d | %-8s | %9d | %18d | %10.3f | %11.3f | %17.2f | %12.2f | %d%n",
        storm.replicas(),
        storm.outage().name().toLowerCase(Locale.ROOT),
        figures.calls(),
        figures.attemptsInOutage(),
        figures.attemptsPerNeeded(),
        figures.boundRatio(),
        figures.outageBoundUsed(),
        figures.backAfterSeconds(),
        figures.peakAfter());
  }
}
