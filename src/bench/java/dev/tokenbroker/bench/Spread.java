package dev.tokenbroker.bench;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** The median of some figures, and the lowest and the highest of them. */
record Spread(double lowest, double median, double highest) {

  static Spread of(DoubleStream figures) {
    double[] sorted = figures.sorted().toArray();
    int count = sorted.length;
    double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    return new Spread(sorted[0], median, sorted[count - 1]);
  }

  /** As a person reads it, with so many decimals. */
  String text(int decimals) {
    String figure = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, figure + " (" + figure + "-" + figure + ")", median, lowest, highest);
  }
}
