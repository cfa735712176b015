package dev.tokenbroker.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the broker promises about its cost, held against the medians of one run. */
final class Targets {

  private static final double HIT_TO_ECHO = 1.3;
  private static final double MISS_TO_BARE = 1.5;
  private static final double KEYCLOAK_TO_MISS = 12;

  private final Map<String, Rival> rivals;
  private final List<Target> targets = new ArrayList<>();

  /**
   * @param bareMicros ES256 verify and sign by the fastest provider at hand
   */
  Targets(List<Rival> rivals, double bareMicros) {
    this.rivals = rivals.stream().collect(Collectors.toMap(Rival::name, Function.identity()));
    double echo = micros(Lineup.ECHO);
    double miss = micros(Lineup.MISS);
    double limit = MISS_TO_BARE * bareMicros + echo;
    atMost("hit / echo", micros(Lineup.HIT) / echo, HIT_TO_ECHO);
    atMost("miss / (1.5 x bare ES256 + echo)", miss / limit, 1);
    atMost("miss, cache off / (1.5 x bare ES256 + echo)", micros(Lineup.UNCACHED) / limit, 1);
    for (String keycloak : List.of(Lineup.TOKEN_EXCHANGE, Lineup.JWT_GRANT)) {
      if (this.rivals.containsKey(keycloak)) {
        atLeast(keycloak + " / miss", micros(keycloak) / miss, KEYCLOAK_TO_MISS);
      }
    }
  }

  private record Target(String name, double ratio, String bound, boolean met) {}

  boolean met() {
    return targets.stream().allMatch(Target::met);
  }

  String text() {
    return targets.stream()
        .map(
            target ->
                String.format(
                    Locale.ROOT,
                    "%s: %s = %.2f, target %s",
                    target.met() ? "met" : "MISSED",
                    target.name(),
                    target.ratio(),
                    target.bound()))
        .collect(Collectors.joining("\n"));
  }

  private double micros(String name) {
    return Objects.requireNonNull(rivals.get(name)).cpuMicros();
  }

  private void atMost(String name, double ratio, double bound) {
    targets.add(new Target(name, ratio, "<= " + bound, ratio <= bound));
  }

  private void atLeast(String name, double ratio, double bound) {
    targets.add(new Target(name, ratio, ">= " + bound, ratio >= bound));
  }
}
