package dev.tokenbroker.peers.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The pauses that peers asked for, by the account of this broker that they hold for: {@code
 * Retry-After} (RFC 9110 section 10.2.3) limits the client at a peer, not one of its requests.
 * Guards with the same account share its pause. Safe for use by several threads.
 */
final class Pauses {

  /** More than one document can name. */
  private static final int MAX_ACCOUNTS = 10_000;

  private final Duration longest;
  private final LongSupplier nanoTime;
  private final Cache<Object, Long> ends;

  /**
   * @param longest a longer pause counts as this one
   */
  Pauses(Duration longest, LongSupplier nanoTime) {
    this.longest = longest;
    this.nanoTime = nanoTime;
    this.ends =
        Caffeine.newBuilder()
            .maximumSize(MAX_ACCOUNTS)
            .expireAfterWrite(longest.plusSeconds(1))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /** A peer asks for a pause; a shorter one than the present one changes nothing. */
  void begin(Object account, @Nullable Duration asked) {
    if (asked == null || !asked.isPositive()) {
      return;
    }
    long end = nanoTime.getAsLong() + cut(asked, longest).toNanos();
    ends.asMap().merge(account, end, (one, other) -> one - other > 0 ? one : other);
  }

  /** Compared before it is counted in nanoseconds, which end at 292 years. */
  static Duration cut(Duration asked, Duration longest) {
    return asked.compareTo(longest) < 0 ? asked : longest;
  }

  /** What is left of the pause; zero if there is none. */
  Duration left(Object account) {
    Long end = ends.getIfPresent(account);
    return end == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, end - nanoTime.getAsLong()));
  }
}
