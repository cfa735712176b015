package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Look;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A federation document on disk. Loads it at the start and whenever its files change, one load at a
 * time.
 *
 * <p>It polls and compares content, read through symbolic links: notifications and modification
 * times miss the swap of a Kubernetes ConfigMap, network file systems and changes within a second.
 * A change is loaded once two looks in a row see the same, at most 200 ms apart. A half-written
 * file may be valid with another meaning, such as a condition without its end. Files that change
 * without end are loaded after {@value #MAX_CHANGING_LOOKS} looks all the same: whoever may write
 * one of them must not hold back the others. A rejected document is loaded, and logged, once, not
 * at every look. If loading itself or the use of its result fails, for example for lack of memory,
 * it is repeated after {@value #LOOKS_TO_RETRY} looks.
 */
public final class DocumentSlot implements AutoCloseable {

  /** The most problems of one document that are logged. */
  public static final int MAX_LOGGED_PROBLEMS = 100;

  private static final Duration SETTLE = Duration.ofMillis(200);
  private static final int LOOKS_TO_RETRY = 30;
  private static final int MAX_CHANGING_LOOKS = 25;

  private final SubjectKind kind;
  private final @Nullable Path path;
  private final Duration interval;
  private final Function<Path, LoadResult> load;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile Look last = new Look("", Set.of(), Set.of(), null);
  private final Rounds rounds;
  private @Nullable String unsettled;
  private int changingLooks; // in a row

  /** The fingerprint at which loading or its use failed, and the looks until it is tried again. */
  private @Nullable String failed;

  private int looksToRetry;

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
    this.interval = interval;
    this.rounds =
        new Rounds(
            DocumentSlot.class,
            kind.label() + "-watcher",
            "The files of the %s could not be looked at".formatted(kind.label()));
    this.load = load;
  }

  /** Loads the document, and watches it from then on. */
  public void start() {
    reload();
    if (path != null && !interval.isZero()) {
      rounds.begin(interval, this::settle);
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
      changingLooks = 0;
      return false;
    }
    if (seen.equals(failed) && looksToRetry > 0) {
      unsettled = null;
      looksToRetry--;
      return false;
    }
    if (!seen.equals(unsettled) && changingLooks < MAX_CHANGING_LOOKS) {
      unsettled = seen;
      changingLooks++;
      return true;
    }
    unsettled = null;
    changingLooks = 0;
    failed = seen;
    looksToRetry = LOOKS_TO_RETRY;
    reload();
    failed = null;
    return false;
  }

  @Override
  public void close() {
    rounds.close();
  }

  /** As a round does it, on the calling thread. Never throws. */
  void look() {
    rounds.run(this::settle);
  }

  /** Looks until all changes have settled. */
  private void settle() {
    try {
      while (check()) {
        Thread.sleep(SETTLE.compareTo(interval) < 0 ? SETTLE : interval);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }
}
