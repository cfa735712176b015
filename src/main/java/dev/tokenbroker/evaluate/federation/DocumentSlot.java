package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Look;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A federation document on disk. Loads it at the start and whenever its files change, one load at a
 * time.
 *
 * <p>It polls and compares content, read through symbolic links: notifications and modification
 * times miss the swap of a Kubernetes ConfigMap, network file systems and changes within a second.
 * A change is loaded once two looks in a row see the same, at most {@value #SETTLE_MILLIS} ms
 * apart. A half-written file may be valid with another meaning, such as a condition without its
 * end. A rejected document is loaded, and logged, once, not at every look. If loading itself or the
 * use of its result fails, for example for lack of memory, it is repeated after {@value
 * #LOOKS_TO_RETRY} looks.
 */
public final class DocumentSlot implements AutoCloseable {

  /** The most problems of one document that are logged. */
  public static final int MAX_LOGGED_PROBLEMS = 100;

  private static final Logger LOG = Logger.getLogger(DocumentSlot.class);
  private static final long SETTLE_MILLIS = 200;
  private static final int LOOKS_TO_RETRY = 30;

  private final SubjectKind kind;
  private final @Nullable Path path;
  private final long intervalMillis;
  private final Function<Path, LoadResult> load;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile Look last = new Look("", Set.of(), Set.of());
  private @Nullable ScheduledExecutorService thread;
  private @Nullable String unsettled;

  /** The fingerprint at which loading or its use failed, and the looks until it is tried again. */
  private @Nullable String failed;

  private int looksToRetry;
  private @Nullable Class<?> failure;

  /**
   * @param kind names the document in the log, in changes and in the name of the thread
   * @param path null where the settings name no document
   * @param interval between two looks; zero for a document that is loaded once
   * @param load reads the document and uses the result
   */
  public DocumentSlot(
      SubjectKind kind, @Nullable Path path, Duration interval, Function<Path, LoadResult> load) {
    this.kind = kind;
    this.path = path;
    this.intervalMillis = interval.toMillis();
    this.load = load;
  }

  /** Loads the document, and watches it from then on. */
  public void start() {
    reload();
    if (path != null && intervalMillis > 0) {
      thread =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name(kind.label() + "-watcher").daemon().factory());
      // Scheduled once: when memory is short, the next look needs no new object.
      var _ =
          thread.scheduleWithFixedDelay(
              this::look, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
    }
  }

  /** Loads the document now, if there is one. */
  public void reload() {
    if (path == null) {
      return;
    }
    loading.lock();
    try {
      last = load.apply(path).look();
    } finally {
      loading.unlock();
    }
  }

  /** The path of the document; empty if the settings name none. */
  public Optional<Path> path() {
    return Optional.ofNullable(path);
  }

  /**
   * The change that a load has brought.
   *
   * @param before the federation before it; null for none
   */
  public Change change(ChangeKind change, @Nullable Federation before, String is) {
    return new Change(change, kind, "", before == null ? "" : revision(before), is);
  }

  /** The name of a federation's revision in changes. */
  public static String revision(Federation federation) {
    return "revision " + Federation.shortened(federation.revision());
  }

  /**
   * Looks once, and loads if that is due. One thread at a time.
   *
   * @return whether a change was seen that has not settled yet
   */
  public boolean check() {
    String seen = path == null ? "" : FederationLoader.fingerprint(path, last);
    if (seen.equals(last.fingerprint()) && failed == null) {
      unsettled = null;
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
    reload();
    failed = null;
    return false;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
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
      LOG.errorf(bug, "The files of the %s could not be looked at", kind.label());
    } catch (RuntimeException | Error _) {
      // If memory is short, logging fails as well; the next look still comes.
    }
  }
}
