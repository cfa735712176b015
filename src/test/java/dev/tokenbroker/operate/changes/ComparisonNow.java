package dev.tokenbroker.operate.changes;

/** Compares refusals with changes at once, where a test need not wait for the next round. */
public final class ComparisonNow {

  private ComparisonNow() {}

  public static void by(Correlation correlation) {
    correlation.round();
  }
}
