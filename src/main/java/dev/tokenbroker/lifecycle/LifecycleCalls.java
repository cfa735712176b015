package dev.tokenbroker.lifecycle;

import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The introspections and revocations under way, of which there are at most {@value #MOST}: what
 * comes while there are as many is sent away before it is looked at, so that a flood of them holds
 * bounded memory. Safe for use by any number of threads; never waits.
 */
@Singleton
public final class LifecycleCalls {

  static final int MOST = 1024;

  private final AtomicInteger underWay = new AtomicInteger();

  /** Lets one in, which must leave once; false where there are too many. */
  public boolean enter() {
    if (underWay.incrementAndGet() <= MOST) {
      return true;
    }
    leave();
    return false;
  }

  /** One that was let in has ended. */
  public void leave() {
    underWay.decrementAndGet();
  }
}
