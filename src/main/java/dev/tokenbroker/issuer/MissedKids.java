package dev.tokenbroker.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.jose.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Since when key names have been looked for in vain. Bounded in both directions, since the names
 * come from unverified credentials: at most {@value #MAX_KIDS}, of which digests are kept. What is
 * forgotten merely counts as looked for now. Safe for use by several threads.
 */
final class MissedKids {

  static final int MAX_KIDS = 1000;
  static final int MAX_KID_CHARS = 256;

  private final Cache<Name, Long> firstMissed;

  /** The first half of a digest: enough to tell names apart, also those that somebody makes up. */
  private record Name(long high, long low) {

    static Name of(String kid) {
      ByteBuffer digest = ByteBuffer.wrap(Sha256.of(kid.getBytes(StandardCharsets.UTF_8)));
      return new Name(digest.getLong(), digest.getLong());
    }

    // Not the generated ones, which a native executable interprets.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Name that && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(low);
    }
  }

  /**
   * @param coolDown the least time between two fetches: a miss is forgotten after twice that, since
   *     a name missed long ago may have been rotated in after the last fetch
   * @param nanoTime the caller's clock
   */
  MissedKids(Duration coolDown, LongSupplier nanoTime) {
    firstMissed =
        Caffeine.newBuilder()
            .maximumSize(MAX_KIDS)
            .expireAfterWrite(coolDown.multipliedBy(2))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /** When that name was first missed, now at the latest; in nanoseconds of the caller's clock. */
  long firstMissed(String kid, long nowNanos) {
    if (kid.length() > MAX_KID_CHARS) {
      return nowNanos;
    }
    Long first = firstMissed.asMap().putIfAbsent(Name.of(kid), nowNanos);
    return first == null ? nowNanos : first;
  }
}
