package dev.tokenbroker.door;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The calls of both doors that were let in and have no answer yet; once the process is to end, no
 * more are let in. Safe for use by any number of threads.
 */
@Singleton
public final class CallsUnderWay {

  private static final Duration LOOK = Duration.ofMillis(2);

  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean closed;

  /** Lets a call in, which must end once; false where no more are let in. */
  public boolean begin() {
    // Counted before it is asked whether it may: so none slips in that is not waited for.
    calls.incrementAndGet();
    if (closed) {
      end();
      return false;
    }
    return true;
  }

  /** A call that was let in has its answer. */
  public void end() {
    calls.decrementAndGet();
  }

  /**
   * Lets no more in, and waits for those that were.
   *
   * @param patience how long at most
   * @return how many have no answer then
   */
  public int close(Duration patience) {
    closed = true;
    long end = System.nanoTime() + patience.toNanos();
    while (calls.get() > 0 && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    return calls.get();
  }
}
