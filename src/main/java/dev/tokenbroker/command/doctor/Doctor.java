package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.refusal.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Runs groups of checks in parallel, and repeats a group while a defect in it may pass and there is
 * time to wait.
 */
public final class Doctor {

  /** The most groups at a time. */
  static final int MAX_PARALLEL = 16;

  private final Semaphore places = new Semaphore(MAX_PARALLEL, true);
  private final Duration wait;
  private final Duration interval;

  /**
   * @param wait the longest time in which groups are repeated; zero for none
   * @param interval the pause between two runs of a group
   */
  public Doctor(Duration wait, Duration interval) {
    this.wait = wait;
    this.interval = interval;
  }

  /** Runs the groups and returns their results, in the same order. */
  public List<CheckGroup> run(List<Supplier<CheckGroup>> groups) throws InterruptedException {
    Deadline limit = Deadline.after(wait);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<CheckGroup>> running =
          groups.stream().map(group -> threads.submit(() -> repeated(group, limit))).toList();
      List<CheckGroup> results = new ArrayList<>();
      for (Future<CheckGroup> one : running) {
        results.add(one.get());
      }
      return results;
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case RuntimeException bug -> throw bug;
        case Error bug -> throw bug;
        case null, default -> throw new IllegalStateException(failed);
      }
    }
  }

  private CheckGroup repeated(Supplier<CheckGroup> group, Deadline limit)
      throws InterruptedException {
    while (true) {
      CheckGroup result = once(group);
      if (!result.isWorthRepeating() || limit.remaining().compareTo(interval) < 0) {
        return result;
      }
      Thread.sleep(interval);
    }
  }

  private CheckGroup once(Supplier<CheckGroup> group) throws InterruptedException {
    places.acquire();
    try {
      return group.get();
    } finally {
      places.release();
    }
  }
}
