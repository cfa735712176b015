package dev.tokenbroker.edges.grpc;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Comes back when told to, as a client does that honours a pushback. */
public final class Patience {

  private Patience() {}

  public static <T> T after(Duration delay, Supplier<T> call) {
    Executor later = CompletableFuture.delayedExecutor(delay.toMillis() + 1, TimeUnit.MILLISECONDS);
    return CompletableFuture.supplyAsync(call, later).join();
  }

  /** Lets that much time pass on this thread, as a server does that works. */
  static void nanos(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
