package dev.tokenbroker.edge;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * The HTTP requests that were admitted and have no response yet. Once the process drains, no more
 * are admitted. Safe for use by any number of threads.
 */
@Singleton
public final class CallsUnderWay {

  private static final Logger log = Logger.getLogger(CallsUnderWay.class);
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

  /** Admits no more, and waits for those under way. */
  void drain(@Observes Draining event) {
    closed = true;
    while (calls.get() > 0 && !event.patience().hasPassed()) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    if (calls.get() > 0) {
      log.warnf("%d HTTP requests have no response yet, and get none", calls.get());
    }
  }
}
