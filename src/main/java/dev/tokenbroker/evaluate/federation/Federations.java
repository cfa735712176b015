package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Look;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Rejected;
import dev.tokenbroker.evaluate.federation.document.Narrowing;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.issuer.KeySources;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.oauth.OwnTokens;
import dev.tokenbroker.peers.store.Replica;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.StoreSettings;
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
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds the federation in force. Loads it at the start and whenever its files change. A document
 * with problems is logged and never replaces a good one; only what it disables comes into force.
 *
 * <p>Safe for use by several threads: readers read one volatile reference, loads run one at a time.
 */
@Singleton
public final class Federations {

  private static final Logger LOG = Logger.getLogger(Federations.class);
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
  private final DocumentSlot slot;
  private Set<Path> keyFiles = Set.of(); // of the last good document; only loads use it
  private @Nullable Federation whole; // the last good one, as its document has it
  private Narrowing narrowed = Narrowing.NONE; // what rejected documents have disabled since
  private volatile LoadedState state = new LoadedState(null, null, FederationStatus.NOTHING);

  /**
   * The parts that a load changes together.
   *
   * @param current the federation in force; null if there is none
   * @param outline its outline; null if there is none
   */
  private record LoadedState(
      @Nullable Federation current, @Nullable Outline outline, FederationStatus status) {}

  public @Inject Federations(
      FederationSettings settings,
      PeerSettings upstream,
      StoreSettings store,
      TokenSettings token,
      OwnTokens own,
      KeySources keySources,
      Upstreams upstreams,
      SigningKeys signingKeys,
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
            Surroundings.of(upstream, store, token, own.names())
                .withRoot(settings.root().orElse(null))),
        () -> newRevision.fire(new NewRevision()),
        result -> {
          if (result instanceof Loaded loaded) {
            keySources.retain(Set.copyOf(loaded.locations().values()));
            keySources.prefetch(Set.copyOf(loaded.locations().values()));
            upstreams.retain(loaded.definitions());
            signingKeys.demand(loaded.federation().signatures());
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
    this.slot =
        new DocumentSlot(
            SubjectKind.FEDERATION,
            settings.path().orElse(null),
            settings.pollInterval(),
            this::load);
  }

  void tell(@Observes Startup event, Roster roster) {
    roster.tell(Replica.REVISION, () -> current().map(Federation::revision).orElse("(none)"));
  }

  public void start(@Observes Startup event) {
    if (settings.path().isEmpty()) {
      reject("(none)", List.of(NO_PATH));
    }
    slot.start();
  }

  void stop(@Observes Shutdown event) {
    slot.close();
  }

  /** The document that is to be in force. */
  DocumentSlot slot() {
    return slot;
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

  /** Loads the document now, if the settings name one, and puts it in force if it is good. */
  public void reload() {
    slot.reload();
  }

  private LoadResult load(Path path) {
    LoadResult result = loader.load(path, keyFiles);
    switch (result) {
      case Loaded loaded -> take(path, loaded);
      case Rejected(List<Problem> problems, Narrowing narrowing, Look _) -> {
        narrow(path, narrowing);
        reject(path.toString(), problems);
      }
    }
    read.accept(result);
    return result;
  }

  private void take(Path path, Loaded loaded) {
    keyFiles = loaded.look().keyFiles();
    Instant now = clock.instant();
    Federation current = state.current();
    Outline former = state.outline();
    Federation next = loaded.federation();
    whole = next;
    narrowed = Narrowing.NONE;
    if (current != null && current.revision().equals(next.revision())) {
      FederationStatus status = state.status().unchanged(now);
      state = new LoadedState(current.with(next), loaded.outline(), status);
      LOG.infof(
          "Federation %s read again: it still means revision %s",
          path, Federation.shortened(next.revision()));
      return;
    }
    next = current == null ? next : next.after(current);
    newRevision.run();
    FederationStatus status = state.status().taken(next, now);
    state = new LoadedState(next, loaded.outline(), status);
    LOG.infof(
        "Federation %s loaded: revision %s, %d issuers, %d upstreams, %d targets, %d rules",
        path,
        Federation.shortened(next.revision()),
        next.issuers().all().size(),
        next.upstreams().size(),
        next.declaredTargets(),
        next.policy().rules().size());
    Clue clue =
        former == null ? Clue.none() : new DifferingEntries(former, loaded.outline()).clue();
    changes.changed(
        slot.change(ChangeKind.FEDERATION_LOADED, current, DocumentSlot.revision(next)).with(clue));
  }

  /** Disables at once what a rejected document disables; nothing if no federation is in force. */
  private void narrow(Path path, Narrowing narrowing) {
    Federation current = state.current();
    Federation good = whole;
    if (good == null || current == null) {
      return;
    }
    Narrowing all = narrowed.and(narrowing, good);
    if (all.equals(narrowed)) {
      return;
    }
    narrowed = all;
    Federation next = all.of(good).after(current);
    newRevision.run();
    state = new LoadedState(next, state.outline(), state.status().taken(next, clock.instant()));
    LOG.warnf(
        "Federation %s: disabled at once, though the document is rejected: %s; %s",
        path, all, DocumentSlot.revision(next));
    changes.changed(
        slot.change(
                ChangeKind.FEDERATION_LOADED,
                current,
                DocumentSlot.revision(next) + ", disabled: " + all)
            .with(all.clue()));
  }

  private void reject(String name, List<Problem> problems) {
    Federation current = state.current();
    FederationStatus status = state.status().rejected(problems, clock.instant());
    state = new LoadedState(current, state.outline(), status);
    problems.stream()
        .limit(DocumentSlot.MAX_LOGGED_PROBLEMS)
        .forEach(problem -> LOG.errorf("Federation: %s", problem));
    changes.changed(
        slot.change(ChangeKind.FEDERATION_REJECTED, current, problems.getFirst().toString()));
    LOG.errorf(
        "Federation %s rejected for %d problem(s); %s",
        name,
        problems.size(),
        current == null ? "none is in force" : DocumentSlot.revision(current) + " stays in force");
  }

  /**
   * Event before another revision of the federation comes into force, for caches of earlier
   * decisions.
   */
  public record NewRevision() {}
}
