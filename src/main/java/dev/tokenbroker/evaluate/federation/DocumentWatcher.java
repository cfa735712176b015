package dev.tokenbroker.evaluate.federation;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Polls the files of a document, and reloads them when they have changed.
 *
 * <p>It compares content, read through symbolic links: notifications and modification times miss
 * the swap of a Kubernetes ConfigMap, network file systems and changes within a second. A change is
 * loaded once two looks in a row see the same, at most {@value #SETTLE_MILLIS} ms apart. A
 * half-written file may be valid with another meaning, such as a condition without its end. A
 * rejected document is loaded, and logged, once, not at every look. If loading itself or the use of
 * its result fails, for example for lack of memory, it is repeated after {@value #LOOKS_TO_RETRY}
 * looks.
 */
public final class DocumentWatcher implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(DocumentWatcher.class);
  private static final long SETTLE_MILLIS = 200;
  private static final int LOOKS_TO_RETRY = 30;

  private final WatchedDocument document;
  private final long intervalMillis;
  private final ScheduledExecutorService thread;
  private @Nullable String unsettled;

  /** The fingerprint at which loading or its use failed, and the looks until it is tried again. */
  private @Nullable String failed;

  private int looksToRetry;
  private @Nullable Class<?> failure;

  /**
   * A document to watch.
   *
   * @param name for the log and the name of the thread
   * @param now the fingerprint of its files now
   * @param last their fingerprint at the last load
   * @param load loads it
   */
  public record WatchedDocument(
      String name, Supplier<String> now, Supplier<String> last, Runnable load) {}

  public DocumentWatcher(WatchedDocument document, Duration interval) {
    this.document = document;
    this.intervalMillis = interval.toMillis();
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(document.name() + "-watcher").daemon().factory());
  }

  /** Starts a watcher; null where the interval is zero, so that the document is loaded once. */
  public static @Nullable DocumentWatcher start(WatchedDocument document, Duration interval) {
    if (interval.isZero()) {
      return null;
    }
    DocumentWatcher watcher = new DocumentWatcher(document, interval);
    watcher.begin();
    return watcher;
  }

  /**
   * Looks once, and loads if that is due. One thread at a time.
   *
   * @return whether a change was seen that has not settled yet
   */
  public boolean check() {
    String last = document.last().get();
    String seen = document.now().get();
    if (seen.equals(last) && !seen.equals(failed)) {
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
      document.load().run();
      failed = null;
    } finally {
      String taken = document.last().get();
      if (failed != null && !taken.equals(last)) {
        failed = taken; // with the key files that the document names now
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
      LOG.errorf(bug, "The files of the %s could not be looked at", document.name());
    } catch (RuntimeException | Error _) {
      // If memory is short, logging fails as well; the next look still comes.
    }
  }
}
