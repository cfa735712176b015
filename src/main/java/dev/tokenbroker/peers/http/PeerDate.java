package dev.tokenbroker.peers.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a date of a peer in each of the three forms that recipients must accept (RFC 9110 section
 * 5.6.7).
 */
final class PeerDate {

  private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.RFC_1123_DATE_TIME;

  /** The day is padded with a blank. */
  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US).withZone(ZoneOffset.UTC);

  /** A two-digit year further ahead than this belongs to the century before. */
  private static final int YEARS_AHEAD = 50;

  private PeerDate() {}

  /**
   * The moment; null where the date has none of the three forms.
   *
   * @param now decides the century of a year with two digits
   */
  static @Nullable Instant read(String date, Instant now) {
    String bare = date.strip();
    for (DateTimeFormatter form : List.of(IMF_FIXDATE, rfc850(now), ASCTIME)) {
      try {
        return form.parse(bare, Instant::from);
      } catch (DateTimeException another) {
        // The date has another form, or none.
      }
    }
    return null;
  }

  private static DateTimeFormatter rfc850(Instant now) {
    int year = now.atOffset(ZoneOffset.UTC).getYear();
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, year + YEARS_AHEAD - 99)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.US)
        .withZone(ZoneOffset.UTC);
  }
}
