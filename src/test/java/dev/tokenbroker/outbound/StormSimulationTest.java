package dev.tokenbroker.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outbound.StormSimulation.Figures;
import dev.tokenbroker.outbound.StormSimulation.Outage;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A thousand clients that come back at once whatever they are told, against an upstream in trouble.
 * Prints a row for each kind of outage; {@code src/docs/upstream-bound.md} quotes them.
 */
@Tag("storm")
class StormSimulationTest {

  private static final int SEEDS = 4;

  @Test
  void no_outage_makes_more_attempts_than_the_bound() {
    StringBuilder table =
        new StringBuilder(
            "outage   | circuit | calls/run | attempts in outage | per needed | bound ratio | outage"
                + " bound used | back after s | peak/s after\n");
    for (boolean circuit : new boolean[] {true, false}) {
      for (Outage outage : Outage.values()) {
        Figures worst = Figures.NONE;
        for (long seed = 1; seed <= SEEDS; seed++) {
          Figures figures = run(outage, circuit, seed);
          worst = worst.worse(figures);
          assertThat(figures.boundRatio()).as("seed %d", seed).isLessThanOrEqualTo(1);
        }
        table.append(row(outage, circuit, worst));
      }
    }
    System.out.println(table);
  }

  private static Figures run(Outage outage, boolean circuit, long seed) {
    try {
      Figures figures = new StormSimulation(seed, outage, circuit).run();
      if (circuit && outage == Outage.TOTAL) {
        assertThat(figures.backAfterSeconds()).isLessThan(5);
      }
      return figures;
    } catch (AssertionError broken) {
      throw new AssertionError("seed " + seed + ", " + outage + ", circuit " + circuit, broken);
    }
  }

  private static String row(Outage outage, boolean circuit, Figures figures) {
    return String.format(
        Locale.ROOT,
        "%-8s | %-7s | %9d | %18d | %10.3f | %11.3f | %17.2f | %12.2f | %d%n",
        outage.name().toLowerCase(Locale.ROOT),
        circuit ? "yes" : "none",
        figures.calls(),
        figures.attemptsInOutage(),
        figures.attemptsPerNeeded(),
        figures.boundRatio(),
        figures.outageBoundUsed(),
        figures.backAfterSeconds(),
        figures.peakAfter());
  }
}
