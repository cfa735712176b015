package dev.tokenbroker.grpc;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Comes back when told to, as a client does that honours a pushback. */
final class Patience {

  private Patience() {}

  static <T> T after(Duration delay, Supplier<T> call) {
    Executor later = CompletableFuture.delayedExecutor(delay.toMillis() + 1, TimeUnit.MILLISECONDS);
    return CompletableFuture.supplyAsync(call, later).join();
  }
}
