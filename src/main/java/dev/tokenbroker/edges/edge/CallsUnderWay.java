package dev.tokenbroker.edges.edge;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Counts the HTTP requests with a form that were admitted and have no response yet. Once the
 * process drains, no more are admitted. Other HTTP requests are not counted. Thread-safe.
 */
@Singleton
public final class CallsUnderWay {

  private static final Logger LOG = Logger.getLogger(CallsUnderWay.class);
  private static final Duration LOOK = Duration.ofMillis(2);

  private final AtomicInteger calls = new AtomicInteger();
  private volatile boolean closed;

  /** Admits a call, which must {@link #end} once; false once the process drains. */
  public boolean begin() {
    // Counting comes before the check, so that drain() waits for every admitted call.
    calls.incrementAndGet();
    if (closed) {
      end();
      return false;
    }
    return true;
  }

  /** Ends an admitted call. */
  public void end() {
    calls.decrementAndGet();
  }

  /** Admits no more calls, and waits until all calls have ended or the patience is over. */
  void drain(@Observes Draining event) {
    closed = true;
    while (calls.get() > 0 && !event.patience().hasPassed()) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    if (calls.get() > 0) {
      LOG.warnf("%d HTTP requests got no response within the shutdown timeout", calls.get());
    }
  }
}
