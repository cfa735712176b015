package dev.tokenbroker.federation;

import dev.tokenbroker.federation.LoadResult.Look;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Polls the files of the document, and reloads them when they have changed.
 *
 * <p>It compares content, read through symbolic links: notifications and modification times miss
 * the swap of a Kubernetes ConfigMap, network file systems and changes within a second. A change is
 * loaded once two looks in a row see the same, at most {@value #SETTLE_MILLIS} ms apart. A
 * half-written file may be valid with another meaning, such as a condition without its end. A
 * rejected document is loaded, and logged, once, not at every look. If loading itself or the use of
 * its result fails, for example for lack of memory, it is repeated after {@value #LOOKS_TO_RETRY}
 * looks.
 */
final class FederationWatcher implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(FederationWatcher.class);
  private static final long SETTLE_MILLIS = 200;
  private static final int LOOKS_TO_RETRY = 30;

  private final Federations federations;
  private final Path path;
  private final long intervalMillis;
  private final ScheduledExecutorService thread;
  private @Nullable String unsettled;

  /** The fingerprint at which loading or its use failed, and the looks until it is tried again. */
  private @Nullable String failed;

  private int looksToRetry;
  private @Nullable Class<?> failure;

  FederationWatcher(Federations federations, Path path, Duration interval) {
    this.federations = federations;
    this.path = path;
    this.intervalMillis = interval.toMillis();
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("federation-watcher").daemon().factory());
  }

  /** Starts a watcher; null where the interval is zero, so that the document is loaded once. */
  static @Nullable FederationWatcher start(Federations federations, Path path, Duration interval) {
    if (interval.isZero()) {
      return null;
    }
    FederationWatcher watcher = new FederationWatcher(federations, path, interval);
    watcher.begin();
    return watcher;
  }

  /**
   * Looks once, and loads if that is due. One thread at a time.
   *
   * @return whether a change was seen that has not settled yet
   */
  boolean check() {
    Look last = federations.look();
    String seen = SourceFiles.fingerprint(path, last);
    if (seen.equals(last.fingerprint()) && !seen.equals(failed)) {
      unsettled = null;
      failed = null;
      return false;
    }
    if (seen.equals(failed) && looksToRetry > 0) {
      unsettled = null;
      looksToRetry--;
      return false;
    }
    if (!seen.equals(unsettled)) {
      unsettled = seen;
      return true;
    }
    unsettled = null;
    failed = seen;
    looksToRetry = LOOKS_TO_RETRY;
    try {
      federations.reload();
      failed = null;
    } finally {
      Look taken = federations.look();
      if (failed != null && !taken.equals(last)) {
        failed = taken.fingerprint(); // with the key files that the document names now
      }
    }
    return false;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  // Scheduled once: when memory is short, the next look needs no new object.
  private void begin() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::look, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /** Looks until all changes have settled. Never throws, so that the next look comes. */
  void look() {
    try {
      while (check()) {
        Thread.sleep(Math.min(SETTLE_MILLIS, intervalMillis));
      }
      failure = null;
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error bug) {
      report(bug);
    }
  }

  /** Logs an error once while it repeats at every look. */
  private void report(Throwable bug) {
    if (bug.getClass().equals(failure)) {
      return;
    }
    failure = bug.getClass();
    try {
      LOG.errorf(bug, "Federation %s could not be looked at", path);
    } catch (RuntimeException | Error _) {
      // If memory is short, logging fails as well; the next look still comes.
    }
  }
}
