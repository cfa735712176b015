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
 * Records when unknown key names were first looked for. Bounded twice, since the names come from
 * unverified credentials: at most {@value #MAX_KIDS}, and only as digests. A forgotten name merely
 * counts as missed now. Safe for use by several threads.
 */
final class MissedKids {

  static final int MAX_KIDS = 1000;
  static final int MAX_KID_CHARS = 256;

  private final Cache<Name, Long> firstMissed;

  /** The first half of a digest: enough to distinguish names, even those of an attacker. */
  private record Name(long high, long low) {

    static Name of(String kid) {
      ByteBuffer digest = ByteBuffer.wrap(Sha256.of(kid.getBytes(StandardCharsets.UTF_8)));
      return new Name(digest.getLong(), digest.getLong());
    }

    // Explicit, since a native executable interprets the generated methods.
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

  /** When that name was first missed, at the latest now; in nanoseconds of the caller's clock. */
  long firstMissed(String kid, long nowNanos) {
    if (kid.length() > MAX_KID_CHARS) {
      return nowNanos;
    }
    Long first = firstMissed.asMap().putIfAbsent(Name.of(kid), nowNanos);
    return first == null ? nowNanos : first;
  }
}
