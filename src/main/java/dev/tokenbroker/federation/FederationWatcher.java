package dev.tokenbroker.federation;

import dev.tokenbroker.federation.LoadResult.Look;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the files of the document over and over, and has them loaded when they have changed.
 *
 * <p>It compares content, read through symbolic links: notifications and modification times miss
 * the swap of a Kubernetes ConfigMap, network file systems and changes within a second. A change is
 * taken once two looks in a row see the same, at most {@value #SETTLE_MILLIS} ms apart: a file that
 * is still being written may be valid and mean something else, such as a condition without its end.
 * A rejected document is loaded, and logged, once, not at every look.
 */
final class FederationWatcher implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(FederationWatcher.class);
  private static final long SETTLE_MILLIS = 200;

  private final Federations federations;
  private final Path path;
  private final long intervalMillis;
  private final ScheduledExecutorService thread;
  private @Nullable String unsettled;

  FederationWatcher(Federations federations, Path path, Duration interval) {
    this.federations = federations;
    this.path = path;
    this.intervalMillis = interval.toMillis();
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("federation-watcher").daemon().factory());
  }

  /** Null where the interval is zero: then the document is loaded once. */
  static @Nullable FederationWatcher start(Federations federations, Path path, Duration interval) {
    if (interval.isZero()) {
      return null;
    }
    FederationWatcher watcher = new FederationWatcher(federations, path, interval);
    watcher.lookIn(watcher.intervalMillis);
    return watcher;
  }

  /**
   * Looks once, and loads where that is due. One thread at a time.
   *
   * @return whether a change was seen that has yet to settle
   */
  boolean check() {
    Look last = federations.look();
    String seen = SourceFiles.fingerprint(path, last.keyFiles());
    if (seen.equals(last.fingerprint())) {
      unsettled = null;
      return false;
    }
    if (!seen.equals(unsettled)) {
      unsettled = seen;
      return true;
    }
    unsettled = null;
    federations.reload();
    return false;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void lookIn(long delayMillis) {
    try {
      var _ = thread.schedule(this::look, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The federation watcher is closed");
    }
  }

  private void look() {
    boolean soon = false;
    try {
      soon = check();
    } catch (RuntimeException e) {
      // A bug of ours in reading one document must not end the watching for the next.
      LOG.errorf(e, "Federation %s could not be looked at", path);
    } finally {
      lookIn(soon ? Math.min(SETTLE_MILLIS, intervalMillis) : intervalMillis);
    }
  }
}
