package dev.tokenbroker.store;

import dev.tokenbroker.outcome.BugReport;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Calls the store twice a second: it reads the logs, and gives back the claims that could not be
 * given back before; without either, it asks whether the store is there. So a store that goes or
 * comes is noticed without a request. Bounded; safe for use by any number of threads.
 */
final class StoreRounds implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(StoreRounds.class);
  private static final int MAX_PENDING = 10_000;
  private static final long EVERY_MILLIS = 500;

  private final StoreAccess access;
  private final InstantSource clock;
  private final List<ValkeyLog> logs = new CopyOnWriteArrayList<>();
  private final LinkedBlockingDeque<StoreClaim.Mine> pending =
      new LinkedBlockingDeque<>(MAX_PENDING);
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("store-rounds").factory());

  StoreRounds(StoreAccess access, InstantSource clock) {
    this.access = access;
    this.clock = clock;
  }

  void begin() {
    var _ = rounds.scheduleWithFixedDelay(this::runRound, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Reads a log in each round from now on. */
  void read(ValkeyLog log) {
    logs.add(log);
  }

  /** Takes a claim to give back. If there is no room, the claim stays until it ends. */
  void giveBack(StoreClaim.Mine claim) {
    if (!pending.offerLast(claim)) {
      LOG.warn("Too many claims wait to be given back to the store; one stays until it ends");
    }
  }

  // An exception must not end the schedule.
  private void runRound() {
    logs.forEach(log -> safely(log::round));
    safely(this::giveBackPending);
  }

  private static void safely(Runnable part) {
    try {
      part.run();
    } catch (RuntimeException | Error bug) {
      LOG.errorf("A round of the store failed: %s", BugReport.of(bug));
    }
  }

  private void giveBackPending() {
    if (pending.isEmpty() && logs.isEmpty()) {
      var _ = access.call(List.of(ValkeyScripts.ping()));
    }
    for (StoreClaim.Mine next = pending.peekFirst(); next != null; next = pending.peekFirst()) {
      if (clock.instant().isBefore(next.until())
          && access.call(List.of(ValkeyScripts.giveBack(next.written())))
              instanceof StoreReply.Away) {
        return;
      }
      var _ = pending.pollFirst();
    }
  }

  /** Makes no more calls; claims that are left end with their time to live. */
  @Override
  public void close() {
    rounds.shutdownNow();
  }
}
