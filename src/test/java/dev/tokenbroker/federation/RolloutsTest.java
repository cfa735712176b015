package dev.tokenbroker.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.runtime.TestClock;
import jakarta.enterprise.event.Startup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutsTest {

  @TempDir Path directory;
  private Path file;
  private Path candidate;
  private Path history;
  private final TestClock clock = new TestClock();
  private final List<Change> changes = new ArrayList<>();
  private final List<Optional<Federation>> replaced = new ArrayList<>();
  private @Nullable Federations running;

  @BeforeEach
  void writeDocument() throws IOException {
    Files.createDirectories(directory.resolve("live"));
    Files.createDirectories(directory.resolve("next"));
    file = directory.resolve("live/federation.yaml");
    candidate = directory.resolve("next/federation.yaml");
    history = directory.resolve("history");
    Documents.write(file, Documents.GOOD);
  }

  @Test
  void the_first_good_document_begins_the_history() {
    Federations federations = start();
    assertThat(federations.status().problems()).isEmpty();
    assertThat(kept(federations))
        .extracting(KeptRevision::action, KeptRevision::by, KeptRevision::revision)
        .containsExactly(tuple(RolloutAction.LOADED, file.toString(), revision(federations)));
  }

  @Test
  void the_candidate_comes_into_force_and_stays_so_after_a_restart() {
    Federations federations = start();
    String first = revision(federations);
    String next = candidate("deploy");
    assertThat(promote(federations, next)).isEmpty();
    assertThat(revision(federations)).isEqualTo(next);
    assertThat(replaced).hasSize(2);
    assertThat(kept(federations)).extracting(KeptRevision::revision).containsExactly(next, first);
    assertThat(kept(federations).getFirst())
        .isEqualTo(
            new KeptRevision(next, clock.instant(), RolloutAction.PROMOTED, "ops", "a test"));
    Federations restarted = start();
    assertThat(revision(restarted)).isEqualTo(next);
    assertThat(restarted.status().problems()).isEmpty();
  }

  @Test
  void each_revision_that_comes_into_force_is_a_change() {
    Federations federations = start();
    String first = revision(federations);
    String next = candidate("deploy");
    promote(federations, next);
    rollBack(federations, first);

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(
            ChangeKind.FEDERATION_LOADED,
            ChangeKind.FEDERATION_PROMOTED,
            ChangeKind.FEDERATION_ROLLED_BACK);
    assertThat(changes.getFirst().was()).isEmpty();
    assertThat(changes.getLast().was()).isEqualTo("revision " + next.substring(0, 12));
    assertThat(changes.getLast().is()).isEqualTo("revision " + first.substring(0, 12));
  }

  @Test
  void a_kept_revision_comes_into_force_again() {
    Federations federations = start();
    String first = revision(federations);
    String next = candidate("deploy");
    promote(federations, next);
    assertThat(rollBack(federations, first)).isEmpty();
    assertThat(revision(federations)).isEqualTo(first);
    assertThat(kept(federations)).extracting(KeptRevision::revision).containsExactly(first, next);
    assertThat(revision(start())).isEqualTo(first);
  }

  @Test
  void the_revision_in_force_may_be_promoted_once_more() {
    Federations federations = start();
    String next = candidate("deploy");
    promote(federations, next);
    assertThat(promote(federations, next)).isEmpty();
    assertThat(kept(federations)).hasSize(2);
  }

  @Test
  void ten_revisions_are_kept_and_no_other_file() throws IOException {
    Federations federations = start();
    String first = revision(federations);
    for (int i = 0; i < 12; i++) {
      assertThat(promote(federations, candidate("deploy-" + i))).isEmpty();
    }
    assertThat(kept(federations)).hasSize(10);
    assertThat(reason(rollBack(federations, first))).isEqualTo(RefusalReason.REVISION_UNKNOWN);
    try (Stream<Path> entries = Files.list(history)) {
      assertThat(entries).hasSize(11);
    }
  }

  @Test
  void a_revision_that_is_not_the_candidates_is_refused() {
    Federations federations = start();
    String first = revision(federations);
    String next = candidate("deploy");
    Refusal why = promote(federations, first).orElseThrow();
    assertThat(why.reason()).isEqualTo(RefusalReason.REVISION_UNKNOWN);
    assertThat(why.expected()).isEqualTo(next);
    assertThat(why.seen()).isEqualTo(first);
    assertThat(revision(federations)).isEqualTo(first);
  }

  @Test
  void a_candidate_with_problems_is_refused() {
    Federations federations = start();
    String first = revision(federations);
    Documents.write(candidate, Documents.GOOD + "  - name: broken\n");
    Refusal why = promote(federations, first).orElseThrow();
    assertThat(why.reason()).isEqualTo(RefusalReason.REVISION_UNFIT);
    assertThat(why.seen()).contains("federation.yaml:");
    assertThat(revision(federations)).isEqualTo(first);
    assertThat(federations.status().problems()).isEmpty();
    assertThat(kept(federations)).hasSize(1);
  }

  @Test
  void nothing_changes_if_the_change_cannot_be_recorded() {
    Federations federations = start();
    String first = revision(federations);
    String next = candidate("deploy");
    Outcome<Federation> outcome =
        new Rollouts(federations)
            .promote(
                new RolloutOrder(
                    clock.instant(),
                    next,
                    "ops",
                    "a test",
                    () -> Optional.of(RefusalReason.BROKER_OVERLOADED)),
                candidate);
    assertThat(refusal(outcome)).map(Refusal::reason).contains(RefusalReason.BROKER_OVERLOADED);
    assertThat(revision(federations)).isEqualTo(first);
    assertThat(revision(start())).isEqualTo(first);
  }

  /** What a process leaves that is killed at the worst moments before and after the change. */
  @Test
  void a_kill_before_the_change_leaves_the_earlier_revision_in_force() throws IOException {
    Federations federations = start();
    String first = revision(federations);
    String next = candidate("deploy");
    List<Path> before = entries();
    Path copy = directory.resolve("copy");
    Outcome<Federation> outcome =
        new Rollouts(federations)
            .promote(
                new RolloutOrder(
                    clock.instant(),
                    next,
                    "ops",
                    "a test",
                    () -> {
                      copy(history, copy); // all is written but for the rename
                      return Optional.empty();
                    }),
                candidate);
    assertThat(refusal(outcome)).isEmpty();
    assertThat(before).hasSize(2);
    history = copy;
    Federations restarted = start();
    assertThat(revision(restarted)).isEqualTo(first);
    assertThat(promote(restarted, next)).isEmpty();
    assertThat(revision(start())).isEqualTo(next);
    assertThat(entries()).hasSize(3);
  }

  @Test
  void a_document_that_changes_on_disk_later_is_a_problem_and_is_not_loaded() {
    Federations federations = start();
    String first = revision(federations);
    Documents.write(file, Documents.GOOD.replace("deploy-payments", "other"));
    settle(federations);
    assertThat(revision(federations)).isEqualTo(first);
    assertThat(federations.status().problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.message())
                    .startsWith("the document at " + file + " has changed, and is not loaded"));
    assertThat(start().status().problems()).hasSize(1);
    Documents.write(file, Documents.GOOD);
    settle(federations);
    assertThat(federations.status().problems()).isEmpty();
  }

  @Test
  void a_document_on_disk_that_becomes_like_the_one_in_force_is_no_problem() {
    Federations federations = start();
    String next = candidate("deploy");
    promote(federations, next);
    assertThat(federations.status().problems()).isEmpty();
    Documents.write(file, Documents.GOOD.replace("deploy-payments", "deploy"));
    DocumentWatcher watcher = new DocumentWatcher(federations.watched(), Duration.ofSeconds(2));
    assertThat(watcher.check()).isFalse();
    assertThat(federations.status().problems()).isEmpty();
  }

  @Test
  void a_kept_revision_has_its_key_files_and_reads_secrets_from_their_place() throws IOException {
    Path secret = directory.resolve("next/secret");
    Documents.write(secret, "s3cret");
    Path keys = directory.resolve("next/keys.json");
    Documents.write(keys, Documents.JWKS);
    Federations federations = start();
    String first = revision(federations);
    Documents.write(candidate, Documents.EXCHANGING + "    jwksFile: keys.json\n");
    String next = promoted(federations);
    assertThat(federations.current().orElseThrow().upstreams()).hasSize(1);
    Files.delete(keys);
    assertThat(revision(start())).isEqualTo(next);
    try (Stream<Path> all = Files.walk(history)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(each)).doesNotContain("s3cret");
      }
    }
    Federations restarted = start();
    assertThat(rollBack(restarted, first)).isEmpty();
    Files.delete(secret);
    Refusal why = rollBack(restarted, next).orElseThrow();
    assertThat(why.reason()).isEqualTo(RefusalReason.REVISION_UNFIT);
    assertThat(why.seen()).contains("clientSecretFile").contains("it does not exist");
    assertThat(revision(restarted)).isEqualTo(first);
  }

  @Test
  void a_damaged_revision_is_refused_and_does_not_start() throws IOException {
    Federations federations = start();
    String first = revision(federations);
    promote(federations, candidate("deploy"));
    Path document = history.resolve(first).resolve("document/federation.yaml");
    Documents.write(document, Documents.GOOD.replace("deploy-payments", "mallory"));
    Refusal why = rollBack(federations, first).orElseThrow();
    assertThat(why.reason()).isEqualTo(RefusalReason.REVISION_UNFIT);
    assertThat(why.seen()).contains("is damaged");
    Documents.write(
        history.resolve(revision(federations)).resolve("document/federation.yaml"),
        Documents.GOOD.replace("deploy-payments", "mallory"));
    assertThat(start().current()).isEmpty();
  }

  @Test
  void a_history_that_cannot_be_read_leaves_none_in_force_rather_than_the_document_on_disk()
      throws IOException {
    Federations federations = start();
    Documents.write(history.resolve("history.json"), "{");
    assertThat(reason(rollBack(federations, revision(federations))))
        .isEqualTo(RefusalReason.HISTORY_UNUSABLE);
    assertThat(federations.current()).isPresent();
    Federations restarted = start();
    assertThat(restarted.current()).isEmpty();
    assertThat(restarted.status().problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.message())
                    .isEqualTo("the history cannot be read: it is no history of a token broker"));
    Files.delete(history.resolve("history.json"));
    settle(restarted);
    assertThat(restarted.current()).isPresent();
  }

  @Test
  void a_history_that_cannot_be_written_is_a_problem_and_refuses_changes() throws IOException {
    Files.writeString(history, "no directory");
    Federations federations = start();
    assertThat(federations.current()).isPresent();
    assertThat(federations.status().problems()).hasSize(1);
    String next = candidate("deploy");
    assertThat(reason(promote(federations, next))).isEqualTo(RefusalReason.HISTORY_UNUSABLE);
    Files.delete(history);
    assertThat(promote(federations, next)).isEmpty();
    assertThat(kept(federations)).hasSize(2);
  }

  @Test
  void the_name_of_a_caller_cannot_forge_a_line_of_the_log() {
    RolloutOrder order =
        new RolloutOrder(
            clock.instant(),
            "0".repeat(64),
            "ops\nFederation loaded",
            "why\u001b[2J",
            Optional::empty);
    assertThat(order.by()).isEqualTo("ops\uFFFDFederation loaded");
    assertThat(order.reason()).isEqualTo("why\uFFFD[2J");
  }

  @Test
  void only_the_owner_may_read_the_history() throws IOException {
    Federations federations = start();
    Path kept = history.resolve(revision(federations));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(history.resolve("history.json"))))
        .isEqualTo("rw-------");
  }

  @Test
  void without_a_history_no_revision_is_promoted() {
    Federations federations = start(null);
    String next = candidate("deploy");
    assertThat(reason(promote(federations, next))).isEqualTo(RefusalReason.ROLLOUT_NOT_CONFIGURED);
    assertThat(kept(federations)).isEmpty();
  }

  // ---

  private Federations start() {
    return start(history);
  }

  private Federations start(@Nullable Path kept) {
    Federations federations =
        new Federations(
            new DocumentSettings(Optional.of(file), Optional.ofNullable(kept)),
            new FederationLoader(
                Documents::remote, Documents::upstream, DocumentGate.OPEN, clock, false),
            () -> replaced.add(running == null ? Optional.empty() : running.current()),
            _ -> {},
            clock,
            changes::add);
    running = federations;
    federations.start(new Startup());
    return federations;
  }

  private static void settle(Federations federations) {
    DocumentWatcher watcher = new DocumentWatcher(federations.watched(), Duration.ofSeconds(2));
    assertThat(watcher.check()).isTrue();
    assertThat(watcher.check()).isFalse();
  }

  private String candidate(String rule) {
    Documents.write(candidate, Documents.GOOD.replace("deploy-payments", rule));
    return revisionOf(candidate);
  }

  private String revisionOf(Path document) {
    FederationLoader loader =
        new FederationLoader(
            Documents::remote, Documents::upstream, DocumentGate.OPEN, clock, false);
    return ((LoadResult.Loaded) loader.load(document)).federation().revision();
  }

  private String promoted(Federations federations) {
    String next = revisionOf(candidate);
    assertThat(promote(federations, next)).isEmpty();
    return next;
  }

  private Optional<Refusal> promote(Federations federations, String revision) {
    clock.advance(Duration.ofMinutes(1));
    return refusal(new Rollouts(federations).promote(order(revision), candidate));
  }

  private Optional<Refusal> rollBack(Federations federations, String revision) {
    clock.advance(Duration.ofMinutes(1));
    return refusal(new Rollouts(federations).rollBack(order(revision)));
  }

  private RolloutOrder order(String revision) {
    return new RolloutOrder(clock.instant(), revision, "ops", "a test", Optional::empty);
  }

  private List<KeptRevision> kept(Federations federations) {
    return switch (new Rollouts(federations).kept()) {
      case Outcome.Accepted<List<KeptRevision>>(List<KeptRevision> kept) -> kept;
      case Outcome.Refused<List<KeptRevision>>(Refusal why) -> throw new AssertionError(why);
    };
  }

  private static String revision(Federations federations) {
    return federations.current().orElseThrow().revision();
  }

  private static RefusalReason reason(Optional<Refusal> refusal) {
    return refusal.orElseThrow().reason();
  }

  private static <T> Optional<Refusal> refusal(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Accepted<T> _ -> Optional.empty();
      case Outcome.Refused<T>(Refusal why) -> Optional.of(why);
    };
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> entries = Files.list(history)) {
      return entries.toList();
    }
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
