package dev.tokenbroker.bench;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** The median of some figures, and the lowest and the highest of them. */
record Spread(double lowest, double median, double highest) {

  static Spread of(DoubleStream figures) {
    double[] sorted = figures.sorted().toArray();
    return new Spread(sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
  }

  /** As a person reads it. */
  String text() {
    return String.format(Locale.ROOT, "%.1f (%.1f-%.1f)", median, lowest, highest);
  }
}
