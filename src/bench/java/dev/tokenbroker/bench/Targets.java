package dev.tokenbroker.bench;

import dev.tokenbroker.bench.Rival.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the broker promises about its cost, held against the figures of one run.
 *
 * <p>A ratio compares the processor time of two servers within each round; its median is held
 * against the target. There is no line for a server that takes no part.
 */
final class Targets {

  private static final double HIT_TO_ECHO = 1.3;
  private static final double MISS_TO_BARE = 1.5;
  private static final double KEYCLOAK_TO_MISS = 12;
  private static final double HIT_TO_GO = 1;
  private static final double MISS_TO_GO = 1.1;
  private static final double NATIVE_HIT_TO_GO = 2;
  private static final double NATIVE_MISS_TO_GO = 1.9;
  private static final double NATIVE_PAGE_FAULTS = 2;

  private final Map<String, Rival> rivals;
  private final List<String> lines = new ArrayList<>();
  private boolean met = true;

  /**
   * @param bareMicros ES256 verify and sign by the fastest provider at hand, if measured
   */
  Targets(List<Rival> rivals, OptionalDouble bareMicros) {
    this.rivals = rivals.stream().collect(Collectors.toMap(Rival::name, Function.identity()));
    Rival hit = rival(Lineup.BROKER, Lineup.HIT);
    Rival miss = rival(Lineup.BROKER, Lineup.MISS);
    Rival nativeHit = rival(Lineup.NATIVE, Lineup.HIT);
    Rival nativeMiss = rival(Lineup.NATIVE, Lineup.MISS);
    Rival echo = rival(Lineup.ECHO, Lineup.CALL);
    Rival goHit = rival(Lineup.GO, Lineup.HIT);
    Rival goMiss = rival(Lineup.GO, Lineup.MISS);

    atMost(HIT_TO_ECHO, hit, echo);
    if (bareMicros.isPresent() && echo != null) {
      double limit = MISS_TO_BARE * bareMicros.getAsDouble() + micros(echo).median();
      bare(limit, miss);
      bare(limit, rival(Lineup.BROKER, Lineup.UNCACHED));
    }
    atLeast(KEYCLOAK_TO_MISS, rival(Lineup.KEYCLOAK, Lineup.TOKEN_EXCHANGE), miss);
    atLeast(KEYCLOAK_TO_MISS, rival(Lineup.KEYCLOAK, Lineup.JWT_GRANT), miss);
    atMost(HIT_TO_GO, hit, goHit);
    atMost(MISS_TO_GO, miss, goMiss);
    atMost(NATIVE_HIT_TO_GO, nativeHit, goHit);
    atMost(NATIVE_MISS_TO_GO, nativeMiss, goMiss);
    faults(nativeHit);
    faults(nativeMiss);
    told(hit, rival(Lineup.EARLIER, Lineup.HIT));
    told(miss, rival(Lineup.EARLIER, Lineup.MISS));
    told(rival(Lineup.BROKER, Lineup.REFUSAL), rival(Lineup.EARLIER, Lineup.REFUSAL));
    told(nativeHit, rival(Lineup.EARLIER_NATIVE, Lineup.HIT));
    told(nativeMiss, rival(Lineup.EARLIER_NATIVE, Lineup.MISS));
  }

  boolean met() {
    return met;
  }

  String text() {
    return String.join("\n", lines);
  }

  private @Nullable Rival rival(String server, String kind) {
    return rivals.get(Rival.name(server, kind));
  }

  private void atMost(double bound, @Nullable Rival one, @Nullable Rival other) {
    if (one != null && other != null) {
      Spread ratio = ratio(one, other);
      judge(names(one, other), ratio, "<= " + bound, ratio.median() <= bound);
    }
  }

  private void atLeast(double bound, @Nullable Rival one, @Nullable Rival other) {
    if (one != null && other != null) {
      Spread ratio = ratio(one, other);
      judge(names(one, other), ratio, ">= " + bound, ratio.median() >= bound);
    }
  }

  /** A ratio without a target. */
  private void told(@Nullable Rival one, @Nullable Rival other) {
    if (one != null && other != null) {
      lines.add(names(one, other) + " = " + ratio(one, other).text(2));
    }
  }

  private void bare(double limit, @Nullable Rival miss) {
    if (miss != null) {
      Spread ratio = miss.spread(window -> window.cpuMicros() / limit);
      String name = miss.name() + " / (" + MISS_TO_BARE + " x bare ES256 + echo)";
      judge(name, ratio, "<= 1", ratio.median() <= 1);
    }
  }

  private void faults(@Nullable Rival rival) {
    if (rival != null) {
      Spread faults = rival.spread(Window::pageFaults);
      boolean few = faults.median() < NATIVE_PAGE_FAULTS;
      judge(rival.name() + ", page faults", faults, "< " + NATIVE_PAGE_FAULTS, few);
    }
  }

  private void judge(String name, Spread figure, String target, boolean holds) {
    met &= holds;
    lines.add(
        "%s: %s = %s, target %s".formatted(holds ? "met" : "MISSED", name, figure.text(2), target));
  }

  private static String names(Rival one, Rival other) {
    return one.name() + " / " + other.name();
  }

  private static Spread micros(Rival rival) {
    return rival.spread(Window::cpuMicros);
  }

  private static Spread ratio(Rival one, Rival other) {
    return Spread.of(
        IntStream.range(0, one.windows().size())
            .mapToDouble(
                round ->
                    one.windows().get(round).cpuMicros() / other.windows().get(round).cpuMicros()));
  }
}
