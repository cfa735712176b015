package dev.tokenbroker;

import java.util.stream.LongStream;

/**
 * How much of a long or drawn table is tried: a ninth of it in a build, and all of it with {@code
 * -Dtables=whole}, as in the storm.
 */
public final class Draws {

  /** Each of so many entries is tried. */
  public static final int STEP = "whole".equals(System.getProperty("tables")) ? 1 : 9;

  private Draws() {}

  /** How many to try where there are so many in all. */
  public static int of(int all) {
    return all / STEP;
  }

  /** The seeds of a long run that is drawn: one in a build. */
  public static LongStream seeds() {
    return LongStream.rangeClosed(1, STEP == 1 ? 6 : 1);
  }
}
