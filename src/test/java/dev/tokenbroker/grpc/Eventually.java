package dev.tokenbroker.grpc;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Looks again and again, for what happens soon but on another thread. */
public final class Eventually {

  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final int LOOKS = 150;

  private Eventually() {}

  /** The first thing seen that is as wanted; after about 15 s the last one seen, whatever it is. */
  public static <T> T see(Supplier<T> look, Predicate<T> wanted) {
    T seen = look.get();
    for (int at = 1; at < LOOKS && !wanted.test(seen); at++) {
      seen = Patience.after(INTERVAL, look);
    }
    return seen;
  }
}
