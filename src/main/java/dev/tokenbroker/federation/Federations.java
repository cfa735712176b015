package dev.tokenbroker.federation;

import dev.tokenbroker.federation.LoadResult.Loaded;
import dev.tokenbroker.federation.LoadResult.Look;
import dev.tokenbroker.federation.LoadResult.Rejected;
import dev.tokenbroker.issuer.KeySources;
import dev.tokenbroker.outbound.UpstreamSettings;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.sts.Upstreams;
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
 * Holds the federation in force. Loads it at the start and whenever its files change; a document
 * with problems is logged and never replaces a good one. Without a good one from the start the
 * broker is not ready, until the file is corrected.
 *
 * <p>Safe for use by several threads: readers read one volatile reference, loads run one at a time.
 */
@Singleton
public final class Federations {

  private static final Logger LOG = Logger.getLogger(Federations.class);
  private static final int MAX_LOGGED_PROBLEMS = 100;

  private final FederationSettings settings;
  private final FederationLoader loader;
  private final Runnable newRevision;
  private final Consumer<LoadResult> read;
  private final InstantSource clock;
  private final ReentrantLock loading = new ReentrantLock();
  private Set<Path> keyFiles = Set.of(); // of the last good document; guarded by loading
  private volatile LoadedState state =
      new LoadedState(null, FederationStatus.NOTHING, new Look("", Set.of(), Set.of()));
  private @Nullable FederationWatcher watcher;

  /** The parts that a load changes together. */
  private record LoadedState(@Nullable Federation current, FederationStatus status, Look look) {}

  @Inject
  Federations(
      FederationSettings settings,
      UpstreamSettings upstream,
      KeySources keySources,
      Upstreams upstreams,
      DocumentGate gate,
      Event<NewRevision> newRevision,
      InstantSource clock) {
    this(
        settings,
        new FederationLoader(
            keySources::remote, upstreams::of, gate, clock, upstream.allowHttpToLoopback()),
        () -> newRevision.fire(new NewRevision()),
        result -> {
          if (result instanceof Loaded loaded) {
            keySources.retain(loaded.locations());
            keySources.prefetch(loaded.locations());
            upstreams.retain(loaded.definitions());
          }
          upstreams.reread();
        },
        clock);
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
      InstantSource clock) {
    this.settings = settings;
    this.loader = loader;
    this.newRevision = newRevision;
    this.read = read;
    this.clock = clock;
  }

  void start(@Observes Startup event) {
    reload();
    settings
        .path()
        .ifPresent(path -> watcher = FederationWatcher.start(this, path, settings.pollInterval()));
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

  /** The files as of the last load. */
  Look look() {
    return state.look();
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
      Optional<Path> path = settings.path();
      if (path.isEmpty()) {
        return reject(unset(), state.look(), "(none)");
      }
      LoadResult result = loader.load(path.get(), keyFiles);
      Outcome<Federation> outcome =
          switch (result) {
            case Loaded loaded -> Outcome.accepted(take(loaded, path.get()));
            case Rejected(List<Problem> problems, Look look) ->
                reject(problems, look, path.get().toString());
          };
      read.accept(result);
      return outcome;
    } finally {
      loading.unlock();
    }
  }

  private Federation take(Loaded loaded, Path path) {
    keyFiles = loaded.look().keyFiles();
    Instant now = clock.instant();
    Federation current = state.current();
    Federation next = loaded.federation();
    if (current != null && current.revision().equals(next.revision())) {
      state = new LoadedState(current, state.status().unchanged(now), loaded.look());
      LOG.infof("Federation %s read again: it still means revision %s", path, prefix(next));
      return current;
    }
    newRevision.run();
    state = new LoadedState(next, state.status().taken(next, now), loaded.look());
    LOG.infof(
        "Federation %s loaded: revision %s, %d issuers, %d upstreams, %d targets, %d rules",
        path,
        prefix(next),
        next.issuers().all().size(),
        next.upstreams().size(),
        next.policy().targets().size(),
        next.policy().rules().size());
    return next;
  }

  private Outcome<Federation> reject(List<Problem> problems, Look look, String path) {
    Federation current = state.current();
    state = new LoadedState(current, state.status().rejected(problems, clock.instant()), look);
    problems.stream()
        .limit(MAX_LOGGED_PROBLEMS)
        .forEach(problem -> LOG.errorf("Federation: %s", problem));
    LOG.errorf(
        "Federation %s rejected for %d problem(s); %s",
        path,
        problems.size(),
        current == null
            ? "none is in force, so every exchange is refused until it is mended"
            : "revision " + prefix(current) + " stays in force");
    return Outcome.refused(
        Refusal.of(RefusalReason.FEDERATION_NOT_LOADED)
            .expected("a document without problems")
            .seen(problems.size() + " problem(s); the first: " + problems.getFirst()));
  }

  private static List<Problem> unset() {
    return List.of(
        new Problem(
            "token-broker.federation.path",
            0,
            "no federation document is set",
            "Set it to a YAML file, or a directory of them."));
  }

  private static String prefix(Federation federation) {
    return federation.revision().substring(0, 12);
  }
}
