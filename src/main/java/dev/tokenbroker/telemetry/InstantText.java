package dev.tokenbroker.telemetry;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Instants as text, as {@link Instant#toString} gives them (RFC 3339). Those of one second share
 * the calendar's work, which is most of it: the times of a stream of records hardly ever differ in
 * more than their fractions. Safe for use by many threads.
 */
final class InstantText {

  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;

  private volatile Second last = Second.of(Instant.EPOCH);

  /**
   * @param text up to the second, without what follows
   */
  private record Second(long epochSecond, String text) {

    static Second of(Instant time) {
      String whole = Instant.ofEpochSecond(time.getEpochSecond()).toString();
      return new Second(time.getEpochSecond(), whole.substring(0, whole.length() - 1));
    }
  }

  String of(Instant time) {
    Second second = last;
    if (second.epochSecond() != time.getEpochSecond()) {
      second = Second.of(time);
      last = second;
    }
    return second.text() + fraction(time.getNano()) + 'Z';
  }

  private static String fraction(int nanos) {
    if (nanos == 0) {
      return "";
    }
    if (nanos % NANOS_PER_MILLI == 0) {
      return digits(nanos / NANOS_PER_MILLI, 3);
    }
    return nanos % NANOS_PER_MICRO == 0 ? digits(nanos / NANOS_PER_MICRO, 6) : digits(nanos, 9);
  }

  private static String digits(int number, int digits) {
    byte[] text = new byte[digits + 1];
    text[0] = '.';
    int rest = number;
    for (int at = digits; at > 0; at--) {
      text[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}
