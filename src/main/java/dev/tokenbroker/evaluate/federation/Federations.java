package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.federation.DocumentWatcher.WatchedDocument;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Look;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Rejected;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.Problem;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.issuer.KeySources;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.oauth.OwnTokens;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds the federation in force. Loads it at the start and whenever its files change. A document
 * with problems is logged and never replaces a good one.
 *
 * <p>Safe for use by several threads: readers read one volatile reference, loads run one at a time.
 */
@Singleton
public final class Federations {

  private static final Logger LOG = Logger.getLogger(Federations.class);
  private static final int MAX_LOGGED_PROBLEMS = 100;
  private static final Look NO_LOOK = new Look("", Set.of(), Set.of());
  private static final Problem NO_PATH =
      new Problem(
          "token-broker.federation.path",
          0,
          "no federation document is set",
          "Set it to a YAML file, or a directory of them.");

  private final FederationSettings settings;
  private final FederationLoader loader;
  private final Runnable newRevision;
  private final Consumer<LoadResult> read;
  private final InstantSource clock;
  private final ChangeListener changes;
  private final ReentrantLock loading = new ReentrantLock();
  private Set<Path> keyFiles = Set.of(); // of the last good document; guarded by loading
  private volatile LoadedState state =
      new LoadedState(null, null, FederationStatus.NOTHING, NO_LOOK);
  private @Nullable DocumentWatcher watcher;

  /**
   * The parts that a load changes together.
   *
   * @param current the federation in force; null if there is none
   * @param outline its outline; null if there is none
   * @param look the files as of the last load
   */
  private record LoadedState(
      @Nullable Federation current,
      @Nullable Outline outline,
      FederationStatus status,
      Look look) {}

  public @Inject Federations(
      FederationSettings settings,
      PeerSettings upstream,
      OwnTokens own,
      KeySources keySources,
      Upstreams upstreams,
      DocumentGate gate,
      Event<NewRevision> newRevision,
      InstantSource clock,
      ChangeListener changes) {
    this(
        settings,
        new FederationLoader(
            keySources::remote,
            upstreams::of,
            gate,
            clock,
            new Surroundings(upstream.allowHttpToLoopback(), own.names())),
        () -> newRevision.fire(new NewRevision()),
        result -> {
          if (result instanceof Loaded loaded) {
            keySources.retain(Set.copyOf(loaded.locations().values()));
            keySources.prefetch(Set.copyOf(loaded.locations().values()));
            upstreams.retain(loaded.definitions());
          }
          upstreams.reread();
        },
        clock,
        changes);
  }

  /**
   * @param newRevision runs before a federation of another revision comes into force
   * @param read receives the result of each load: from now on, a good document's keys and upstreams
   *     are used. An unchanged revision or a rejected document leaves those as they were; but
   *     secret files, which are no part of the revision, may have changed
   */
  public Federations(
      FederationSettings settings,
      FederationLoader loader,
      Runnable newRevision,
      Consumer<LoadResult> read,
      InstantSource clock,
      ChangeListener changes) {
    this.settings = settings;
    this.loader = loader;
    this.newRevision = newRevision;
    this.read = read;
    this.clock = clock;
    this.changes = changes;
  }

  public void start(@Observes Startup event) {
    Outcome<Federation> _ = reload();
    watcher = DocumentWatcher.start(watched(), settings.pollInterval());
  }

  /** The document that is to be in force, for a watcher. */
  public WatchedDocument watched() {
    return new WatchedDocument(
        "federation",
        () ->
            settings
                .path()
                .map(path -> FederationLoader.fingerprint(path, state.look()))
                .orElse(""),
        () -> state.look().fingerprint(),
        () -> {
          Outcome<Federation> _ = reload();
        });
  }

  void stop(@Observes Shutdown event) {
    if (watcher != null) {
      watcher.close();
    }
  }

  /** The federation in force; empty until a good document has been loaded. */
  public Optional<Federation> current() {
    return Optional.ofNullable(state.current());
  }

  public FederationStatus status() {
    return state.status();
  }

  /** The outline of the federation in force; empty if none is. */
  public Optional<Outline> outline() {
    return Optional.ofNullable(state.outline());
  }

  /**
   * Loads the document now and puts it in force if it is good.
   *
   * @return the federation that is then in force; or the refusal {@code FEDERATION_NOT_LOADED}
   *     where the document has problems, though the last good one may still be in force
   */
  public Outcome<Federation> reload() {
    loading.lock();
    try {
      return settings
          .path()
          .map(this::load)
          .orElseGet(() -> reject(List.of(NO_PATH), NO_LOOK, "(none)"));
    } finally {
      loading.unlock();
    }
  }

  private Outcome<Federation> load(Path path) {
    LoadResult result = loader.load(path, keyFiles);
    Outcome<Federation> outcome =
        switch (result) {
          case Loaded loaded -> Outcome.accepted(take(path, loaded));
          case Rejected(List<Problem> problems, Look look) ->
              reject(problems, look, path.toString());
        };
    read.accept(result);
    return outcome;
  }

  private Federation take(Path path, Loaded loaded) {
    keyFiles = loaded.look().keyFiles();
    Instant now = clock.instant();
    Federation current = state.current();
    Federation next = loaded.federation();
    if (current != null && current.revision().equals(next.revision())) {
      FederationStatus status = state.status().unchanged(now);
      state = new LoadedState(current, loaded.outline(), status, loaded.look());
      LOG.infof(
          "Federation %s read again: it still means revision %s",
          path, Federation.shortened(next.revision()));
      return current;
    }
    next = current == null ? next : next.after(current);
    newRevision.run();
    FederationStatus status = state.status().taken(next, now);
    state = new LoadedState(next, loaded.outline(), status, loaded.look());
    LOG.infof(
        "Federation %s loaded: revision %s, %d issuers, %d upstreams, %d targets, %d rules",
        path,
        Federation.shortened(next.revision()),
        next.issuers().all().size(),
        next.upstreams().size(),
        next.policy().targets().size(),
        next.policy().rules().size());
    changed(
        ChangeKind.FEDERATION_LOADED, current, "revision " + Federation.shortened(next.revision()));
    return next;
  }

  private Outcome<Federation> reject(List<Problem> problems, Look look, String name) {
    Federation current = state.current();
    FederationStatus status = state.status().rejected(problems, clock.instant());
    state = new LoadedState(current, state.outline(), status, look);
    problems.stream()
        .limit(MAX_LOGGED_PROBLEMS)
        .forEach(problem -> LOG.errorf("Federation: %s", problem));
    changed(ChangeKind.FEDERATION_REJECTED, current, problems.getFirst().toString());
    LOG.errorf(
        "Federation %s rejected for %d problem(s); %s",
        name,
        problems.size(),
        current == null
            ? "none is in force"
            : "revision " + Federation.shortened(current.revision()) + " stays in force");
    return Outcome.refused(
        Refusal.of(RefusalReason.FEDERATION_NOT_LOADED)
            .expected("a document without problems")
            .seen(problems.size() + " problem(s); the first: " + problems.getFirst()));
  }

  private void changed(ChangeKind kind, @Nullable Federation before, String is) {
    changes.changed(
        new Change(
            kind,
            SubjectKind.FEDERATION,
            "",
            before == null ? "" : "revision " + Federation.shortened(before.revision()),
            is));
  }

  /**
   * Event before another revision of the federation comes into force, for caches of earlier
   * decisions.
   */
  public record NewRevision() {}
}
