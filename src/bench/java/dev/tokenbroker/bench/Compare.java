package dev.tokenbroker.bench;

import com.nimbusds.jose.JWSAlgorithm;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Compares in one run what a call costs the server: this broker on the JVM and natively, an earlier
 * one, a plain broker in Go, Keycloak, and a bare echo. Prints a table and ends with status 1 if a
 * target is missed or a call did not end as it should.
 *
 * <p>Options are written {@code name=value}, see {@link CompareOptions}. How it measures, and what
 * the figures can and cannot tell, is described in {@code src/docs/develop/benchmarks.md}.
 */
public final class Compare {

  private static final int BARE_REPETITIONS = 2_000;

  private final CompareOptions options;
  private final Map<BareEs256, List<Double>> bare = new LinkedHashMap<>();

  private Compare(CompareOptions options) throws GeneralSecurityException {
    this.options = options;
    if (options.algorithm().equals(JWSAlgorithm.ES256)) {
      BareEs256.atHand().forEach(provider -> bare.put(provider, new ArrayList<>()));
    }
  }

  public static void main(String[] args) throws Exception {
    Compare compare = new Compare(CompareOptions.parse(args));
    boolean met;
    try (Lineup lineup = Lineup.start(compare.options)) {
      compare.measure(lineup.rivals());
      met = compare.report(lineup.rivals());
    }
    if (!met) {
      System.exit(1);
    }
  }

  private void measure(List<Rival> rivals) throws GeneralSecurityException {
    for (BareEs256 provider : bare.keySet()) {
      provider.cpuMicros(BARE_REPETITIONS * 2);
    }
    for (Rival rival : rivals) {
      System.out.println("warming up: " + rival.name());
      rival.warmUp(options.callers());
    }
    List<Rival> order = new ArrayList<>(rivals);
    for (int round = 1; round <= options.rounds(); round++) {
      for (Map.Entry<BareEs256, List<Double>> provider : bare.entrySet()) {
        provider.getValue().add(provider.getKey().cpuMicros(BARE_REPETITIONS));
      }
      for (Rival rival : order) {
        Rival.Window window = rival.measure(options.callers());
        System.out.printf(
            Locale.ROOT,
            "round %d, %s: %.1f µs, %.2f page faults, %s%n",
            round,
            rival.name(),
            window.cpuMicros(),
            window.pageFaults(),
            window.calls().endings());
      }
      // So that none always follows the same other.
      Collections.rotate(order, 1);
    }
  }

  private boolean report(List<Rival> rivals) {
    Table table = new Table(rivals);
    bare.forEach(
        (provider, micros) ->
            table.bare(
                "ES256 verify + sign, " + provider.provider(),
                Spread.of(micros.stream().mapToDouble(Double::doubleValue))));
    System.out.println(table.text());
    System.out.println(Table.steps(rivals));
    Targets targets = new Targets(rivals, fastestBare());
    System.out.println(targets.text());
    boolean allEnded =
        rivals.stream()
            .flatMap(rival -> rival.windows().stream())
            .allMatch(window -> window.failed() == 0);
    if (!allEnded) {
      System.out.println("MISSED: not every call ended as it should");
    }
    return allEnded && targets.met();
  }

  private OptionalDouble fastestBare() {
    return bare.values().stream()
        .mapToDouble(micros -> Spread.of(micros.stream().mapToDouble(Double::doubleValue)).median())
        .min();
  }
}
