package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThatObject;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Looks again and again, for what happens soon but on another thread. */
public final class Eventually {

  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private Eventually() {}

  /** The first thing seen that is as wanted; after about 15 s the last one seen, whatever it is. */
  public static <T> T see(Supplier<T> look, Predicate<T> wanted) {
    return see(PATIENCE, look, wanted);
  }

  /**
   * The same with more or less patience.
   *
   * @param patience the sum of the pauses; the looks themselves come on top
   */
  public static <T> T see(Duration patience, Supplier<T> look, Predicate<T> wanted) {
    long looks = patience.dividedBy(INTERVAL);
    T seen = look.get();
    for (long at = 1; at < looks && !wanted.test(seen); at++) {
      seen = Patience.after(INTERVAL, look);
    }
    return seen;
  }

  /** As {@link #see(Supplier, Predicate)}, but fails where it is not seen. */
  public static <T> T until(Supplier<T> look, Predicate<T> wanted) {
    return until(PATIENCE, look, wanted);
  }

  /** As {@link #see(Duration, Supplier, Predicate)}, but fails where it is not seen. */
  public static <T> T until(Duration patience, Supplier<T> look, Predicate<T> wanted) {
    T seen = see(patience, look, wanted);
    assertThatObject(seen).matches(wanted);
    return seen;
  }
}
