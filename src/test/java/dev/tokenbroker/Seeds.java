package dev.tokenbroker;

import java.util.stream.LongStream;

/** The seeds of long runs that are drawn: one in a build, more with {@code -Dseeds=6}. */
public final class Seeds {

  private static final int MANY = Integer.getInteger("seeds", 1);

  private Seeds() {}

  public static LongStream drawn() {
    return LongStream.rangeClosed(1, MANY);
  }
}
