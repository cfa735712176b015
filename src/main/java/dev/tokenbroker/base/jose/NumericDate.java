package dev.tokenbroker.base.jose;

import java.time.Instant;
import java.util.Optional;

/** Reads a date in seconds since 1970, with or without a fraction (RFC 7519 section 2). */
public final class NumericDate {

  /** The end of the year 9999. A larger number is hardly meant as seconds. */
  static final long MAX_SECONDS = 253_402_300_799L;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private NumericDate() {}

  /** The instant of a JSON value; empty unless it is a number from 0 to the year 9999. */
  public static Optional<Instant> read(Object value) {
    return switch (value) {
      case Long seconds when seconds >= 0 && seconds <= MAX_SECONDS ->
          Optional.of(Instant.ofEpochSecond(seconds));
      case Double seconds when seconds >= 0 && seconds <= MAX_SECONDS ->
          Optional.of(instant(seconds));
      default -> Optional.empty();
    };
  }

  /** Whether an invalid value would be a date in milliseconds, which is the usual mistake. */
  public static boolean isMilliseconds(Object value) {
    return value instanceof Long millis && millis > MAX_SECONDS && millis / 1000 <= MAX_SECONDS;
  }

  private static Instant instant(double seconds) {
    long whole = (long) seconds;
    return Instant.ofEpochSecond(whole, Math.round((seconds - whole) * NANOS_PER_SECOND));
  }
}
