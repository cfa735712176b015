package dev.tokenbroker.judge.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/** The upstream bound of the design, section 7, over every window that could break it. */
final class FetchBound {

  private FetchBound() {}

  /**
   * Windows need only begin at one fetch and end at another: any other holds no more in more time.
   */
  static void assertHolds(List<Long> fetchNanos, Duration coolDown, Duration ttl, long seed) {
    for (int from = 0; from < fetchNanos.size(); from++) {
      for (int to = from; to < fetchNanos.size(); to++) {
        long window = fetchNanos.get(to) - fetchNanos.get(from);
        long bound = 2 + window / coolDown.toNanos() + window / ttl.toNanos();
        if (to - from + 1 > bound) {
          assertThat((long) to - from + 1)
              .as("fetches in a window of %s, seed %d", Duration.ofNanos(window), seed)
              .isLessThanOrEqualTo(bound);
        }
      }
    }
  }
}
