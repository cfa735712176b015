package dev.tokenbroker.peers.http;

import dev.tokenbroker.peers.trust.PresentedCertificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last certificates of one server. For one thread at a time.
 *
 * <p>A server may have several certificates at once, of several machines or key types. So it
 * reports at most {@value #MAX_REPORTS} changes an hour, and remembers for {@value #MAX_REMEMBERED}
 * certificates which steps before the expiry it has reported.
 */
final class CertificateHistory {

  static final int MAX_REPORTS = 8;
  static final int MAX_REMEMBERED = 4;

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** The steps before the expiry, in days. */
  private static final int[] STEPS = {1, 7, 30};

  private static final int NOT_TOLD = Integer.MAX_VALUE;

  private @Nullable PresentedCertificate last;

  /** The last step that was reported of each certificate, by its digest. */
  private final Map<String, Integer> told =
      new LinkedHashMap<>(8, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  private Instant hourBegan = Instant.MIN;
  private int reports;

  /**
   * What is to be reported.
   *
   * @param was the certificate before; null if none or the same was
   * @param expiry how soon the certificate expires; null if that is far or was reported
   */
  record CertificateNews(@Nullable String was, @Nullable String expiry) {}

  /** Takes the certificate of a connection. */
  CertificateNews next(PresentedCertificate presented, Instant now) {
    PresentedCertificate before = last;
    last = presented;
    boolean changed = before != null && !before.isSameAs(presented) && mayReport(now);
    return new CertificateNews(
        before != null && changed ? before.text() : null, expiry(presented, now));
  }

  /** When the last certificate expires; null if there is none. */
  @Nullable Instant expiry() {
    return last == null ? null : last.notAfter();
  }

  private boolean mayReport(Instant now) {
    if (now.isBefore(hourBegan) || !now.isBefore(hourBegan.plus(HOUR))) {
      hourBegan = now;
      reports = 0;
    }
    return reports++ < MAX_REPORTS;
  }

  private @Nullable String expiry(PresentedCertificate certificate, Instant now) {
    Duration left = Duration.between(now, certificate.notAfter());
    if (isShortLived(certificate) && !left.isNegative()) {
      return null;
    }
    for (int step : STEPS) {
      if (left.compareTo(Duration.ofDays(step)) <= 0) {
        Integer before = told.put(certificate.digest(), step);
        return (before == null ? NOT_TOLD : before) > step ? inWords(left) : null;
      }
    }
    return null;
  }

  /** Whether it would always expire soon, since it is renewed each day or hour. */
  private static boolean isShortLived(PresentedCertificate certificate) {
    return Duration.between(certificate.notBefore(), certificate.notAfter()).compareTo(DAY) <= 0;
  }

  private static String inWords(Duration left) {
    if (left.isNegative()) {
      return "expired";
    }
    return left.toDays() > 1
        ? "expires in " + left.toDays() + " days"
        : "expires in " + left.toHours() + " hours";
  }
}
