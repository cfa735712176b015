package dev.tokenbroker.federation;

import dev.tokenbroker.federation.DocumentChoice.Chosen;
import dev.tokenbroker.federation.DocumentWatcher.WatchedDocument;
import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.federation.LoadResult.Loaded;
import dev.tokenbroker.federation.LoadResult.Look;
import dev.tokenbroker.federation.LoadResult.Rejected;
import dev.tokenbroker.issuer.KeySources;
import dev.tokenbroker.oidc.OwnTokens;
import dev.tokenbroker.outbound.UpstreamSettings;
import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.SubjectKind;
import dev.tokenbroker.sts.Upstreams;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds the federation in force. Loads it at the start and whenever its files change; a document
 * with problems is logged and never replaces a good one. Without a good one from the start the
 * broker is not ready, until the file is corrected. {@link DocumentChoice} says which document it
 * loads; {@link Rollouts} puts another one in force.
 *
 * <p>Safe for use by several threads: readers read one volatile reference, loads run one at a time.
 */
@Singleton
public final class Federations {

  private static final Logger LOG = Logger.getLogger(Federations.class);
  private static final int MAX_LOGGED_PROBLEMS = 100;
  private static final Look NO_LOOK = new Look("", Set.of(), Set.of());

  private final FederationSettings settings;
  private final DocumentChoice choice;
  private final FederationLoader loader;
  private final Runnable newRevision;
  private final Consumer<LoadResult> read;
  private final InstantSource clock;
  private final ChangeListener changes;
  private final ReentrantLock loading = new ReentrantLock();
  private Set<Path> keyFiles = Set.of(); // of the last good document; guarded by loading
  private volatile LoadedState state =
      new LoadedState(null, null, FederationStatus.NOTHING, "", NO_LOOK);
  private @Nullable DocumentWatcher watcher;

  /**
   * The parts that a load changes together.
   *
   * @param current the federation in force; null if there is none
   * @param outline its outline; null if there is none
   * @param fingerprint the fingerprint of the choice at the last load
   * @param look the files as of the last load
   */
  private record LoadedState(
      @Nullable Federation current,
      @Nullable Outline outline,
      FederationStatus status,
      String fingerprint,
      Look look) {}

  @Inject
  Federations(
      FederationSettings settings,
      UpstreamSettings upstream,
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
  Federations(
      FederationSettings settings,
      FederationLoader loader,
      Runnable newRevision,
      Consumer<LoadResult> read,
      InstantSource clock,
      ChangeListener changes) {
    this.settings = settings;
    this.choice = new DocumentChoice(settings);
    this.loader = loader;
    this.newRevision = newRevision;
    this.read = read;
    this.clock = clock;
    this.changes = changes;
  }

  void start(@Observes Startup event) {
    reload();
    if (settings.path().isPresent() || settings.historyPath().isPresent()) {
      watcher = DocumentWatcher.start(watched(), settings.pollInterval());
    }
  }

  /** The document that is to be in force, for a watcher. */
  WatchedDocument watched() {
    return new WatchedDocument(
        "federation",
        () -> choice.fingerprint(state.look()),
        () -> state.fingerprint(),
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
      return switch (choice.choose()) {
        case Chosen.OnDisk(Path path) -> loadOnDisk(path);
        case Chosen.FromHistory kept -> loadKept(kept);
        case Chosen.Unavailable(Problem problem) ->
            reject(List.of(problem), problem.toString(), state.look(), "(none)");
      };
    } finally {
      loading.unlock();
    }
  }

  private Outcome<Federation> loadOnDisk(Path path) {
    LoadResult result = loader.load(DocumentLocation.of(path), keyFiles);
    Outcome<Federation> outcome =
        switch (result) {
          case Loaded loaded -> Outcome.accepted(begin(loaded, path));
          case Rejected(List<Problem> problems, Look look) ->
              reject(problems, look.fingerprint(), look, path.toString());
        };
    read.accept(result);
    return outcome;
  }

  /** Puts a document in force, and begins the history with it if there is to be one. */
  private Federation begin(Loaded loaded, Path path) {
    History history = choice.history();
    List<Problem> problems = List.of();
    if (history != null) {
      try {
        Loaded kept = kept(loaded, history);
        KeptRevision first =
            new KeptRevision(
                kept.federation().revision(),
                clock.instant(),
                RolloutAction.LOADED,
                path.toString(),
                "");
        history.draft(choice.emptyList().with(first));
        history.commit();
        return take(
            Origin.loaded(path.toString()), kept, kept.look().fingerprint() + problems, problems);
      } catch (IOException e) {
        problems = List.of(DocumentChoice.unwritable(e));
      }
    }
    return take(Origin.loaded(path.toString()), loaded, loaded.look().fingerprint(), problems);
  }

  private Outcome<Federation> loadKept(Chosen.FromHistory chosen) {
    String revision = chosen.revision().revision();
    String name = "revision " + revision.substring(0, 12) + " of the history";
    LoadResult result = loadKept(chosen.location(), revision);
    String fingerprint = result.look().fingerprint() + chosen.changes();
    Outcome<Federation> outcome =
        switch (result) {
          case Loaded loaded ->
              Outcome.accepted(take(Origin.loaded(name), loaded, fingerprint, chosen.changes()));
          case Rejected(List<Problem> problems, Look look) ->
              reject(problems, fingerprint, look, name);
        };
    read.accept(result);
    return outcome;
  }

  /** Loads a kept revision. It is rejected if its content has changed since it was kept. */
  LoadResult loadKept(DocumentLocation location, String revision) {
    LoadResult result = loader.load(location, keyFiles);
    if (result instanceof Loaded loaded && !loaded.federation().revision().equals(revision)) {
      return new Rejected(List.of(DocumentChoice.damaged(revision)), result.look());
    }
    return result;
  }

  /** Keeps a loaded document, and loads it again from there, as the next start will. */
  Loaded kept(Loaded loaded, History history) throws IOException {
    String revision = loaded.federation().revision();
    history.keep(revision, loaded.copy());
    if (loadKept(history.location(revision), revision) instanceof Loaded kept) {
      return kept;
    }
    throw new IOException("its copy of revision " + revision + " is not like the document");
  }

  // --- for Rollouts

  DocumentChoice choice() {
    return choice;
  }

  /** Runs while no document is loaded or put in force. */
  <T> T exclusively(Supplier<T> work) {
    loading.lock();
    try {
      return work.get();
    } finally {
      loading.unlock();
    }
  }

  LoadResult load(DocumentLocation location) {
    return loader.load(location, keyFiles);
  }

  /** The outline of a document, whether it has problems or not. */
  Outline outline(DocumentLocation location) {
    return loader.outline(location);
  }

  /**
   * Puts a kept revision in force, once the history names it first.
   *
   * @param where where it was decided, for people; empty for here
   */
  Federation enter(Loaded loaded, HistoryList list, String where) {
    List<Problem> problems = choice.changes(list, loaded.copy().digest());
    Origin origin = Origin.decided(list.revisions().getFirst(), where);
    Federation taken = take(origin, loaded, loaded.look().fingerprint() + problems, problems);
    read.accept(loaded);
    return taken;
  }

  /**
   * How a document comes into force.
   *
   * @param name the document, for the log
   * @param where where it was decided, for people; empty for here
   */
  private record Origin(RolloutAction action, String name, String where) {

    static Origin loaded(String name) {
      return new Origin(RolloutAction.LOADED, name, "");
    }

    static Origin decided(KeptRevision decision, String where) {
      String name =
          "in the history (%s by %s%s)".formatted(decision.action().label(), decision.by(), where);
      return new Origin(decision.action(), name, where);
    }
  }

  private Federation take(
      Origin origin, Loaded loaded, String fingerprint, List<Problem> problems) {
    keyFiles = loaded.look().keyFiles();
    Instant now = clock.instant();
    Federation current = state.current();
    Federation next = loaded.federation();
    if (current != null && current.revision().equals(next.revision())) {
      FederationStatus status = state.status().unchanged(problems, now);
      state = new LoadedState(current, loaded.outline(), status, fingerprint, loaded.look());
      LOG.infof(
          "Federation %s read again: it still means revision %s", origin.name(), prefix(next));
      report(problems);
      return current;
    }
    next = current == null ? next : next.after(current);
    newRevision.run();
    FederationStatus status = state.status().taken(next, problems, now);
    state = new LoadedState(next, loaded.outline(), status, fingerprint, loaded.look());
    LOG.infof(
        "Federation %s loaded: revision %s, %d issuers, %d upstreams, %d targets, %d rules",
        origin.name(),
        prefix(next),
        next.issuers().all().size(),
        next.upstreams().size(),
        next.policy().targets().size(),
        next.policy().rules().size());
    report(problems);
    changed(kind(origin.action()), current, "revision " + prefix(next) + origin.where());
    return next;
  }

  private Outcome<Federation> reject(
      List<Problem> problems, String fingerprint, Look look, String name) {
    Federation current = state.current();
    FederationStatus status = state.status().rejected(problems, clock.instant());
    state = new LoadedState(current, state.outline(), status, fingerprint, look);
    report(problems);
    changed(ChangeKind.FEDERATION_REJECTED, current, problems.getFirst().toString());
    LOG.errorf(
        "Federation %s rejected for %d problem(s); %s",
        name,
        problems.size(),
        current == null
            ? "none is in force, so every exchange is refused until it is mended"
            : "revision " + prefix(current) + " stays in force");
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
            before == null ? "" : "revision " + prefix(before),
            is));
  }

  private static ChangeKind kind(RolloutAction action) {
    return switch (action) {
      case LOADED -> ChangeKind.FEDERATION_LOADED;
      case PROMOTED -> ChangeKind.FEDERATION_PROMOTED;
      case ROLLED_BACK -> ChangeKind.FEDERATION_ROLLED_BACK;
    };
  }

  private static void report(List<Problem> problems) {
    problems.stream()
        .limit(MAX_LOGGED_PROBLEMS)
        .forEach(problem -> LOG.errorf("Federation: %s", problem));
  }

  private static String prefix(Federation federation) {
    return federation.revision().substring(0, 12);
  }
}
