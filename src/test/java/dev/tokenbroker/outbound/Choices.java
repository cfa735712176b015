package dev.tokenbroker.outbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is left open in a test run: drawn from a seed, or gone through one by one. A run must depend
 * on nothing else.
 */
final class Choices {

  private final @Nullable Random random;
  private final List<Integer> taken = new ArrayList<>();
  private final List<Integer> of = new ArrayList<>();
  private int at;

  private Choices(@Nullable Random random) {
    this.random = random;
  }

  static Choices seeded(long seed) {
    return new Choices(new Random(seed));
  }

  /** Runs with every sequence of choices there is; returns how many runs that were. */
  static long exhaust(Consumer<Choices> run) {
    Choices choices = new Choices(null);
    long runs = 0;
    do {
      choices.at = 0;
      run.accept(choices);
      runs++;
    } while (choices.advance());
    return runs;
  }

  /** One of 0 to n − 1. */
  int next(int n) {
    if (random != null) {
      return random.nextInt(n);
    }
    if (at == taken.size()) {
      taken.add(0);
      of.add(n);
    }
    return taken.get(at++);
  }

  private boolean advance() {
    while (!taken.isEmpty()) {
      int last = taken.size() - 1;
      if (taken.get(last) + 1 < of.get(last)) {
        taken.set(last, taken.get(last) + 1);
        return true;
      }
      taken.removeLast();
      of.removeLast();
    }
    return false;
  }

  @Override
  public String toString() {
    return random == null ? "choices " + taken : "seeded choices";
  }
}
