package dev.tokenbroker.process.runtime;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A count-down latch that nobody waits for longer than a minute: who would, fails. */
public final class Latch {

  private final CountDownLatch latch;

  public Latch(int count) {
    latch = new CountDownLatch(count);
  }

  public void countDown() {
    latch.countDown();
  }

  public void await() {
    try {
      if (!latch.await(1, TimeUnit.MINUTES)) {
        throw new AssertionError(latch.getCount() + " to come after a minute");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while it waited", interrupted);
    }
  }
}
