package dev.tokenbroker.process.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Callers that begin at the same time, each on a thread of its own. */
public final class AtOnce {

  private AtOnce() {}

  /** Their results, in the order of the callers. */
  public static <T> List<T> results(int callers, IntFunction<Callable<T>> caller) throws Exception {
    Latch together = new Latch(1);
    List<Future<T>> calls = new ArrayList<>();
    List<T> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < callers; at++) {
        Callable<T> call = caller.apply(at);
        calls.add(
            threads.submit(
                () -> {
                  together.await();
                  return call.call();
                }));
      }
      together.countDown();
      for (Future<T> call : calls) {
        results.add(call.get());
      }
    }
    return results;
  }
}
