package dev.tokenbroker.evaluate.federation;

import static dev.tokenbroker.evaluate.federation.Watching.settle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Documents;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Startup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FederationsTest {

  /** A team's file. */
  private static final String ORDERS =
      "rules: [{name: o, issuer: github, when: true, audience: orders}]\n";

  @RegisterExtension final Logged logged = Logged.by(DocumentSlot.class);
  @TempDir Path directory;
  private Path file;
  private final TestClock clock = new TestClock();
  private final List<Change> changes = new ArrayList<>();
  private final List<LoadResult> read = new ArrayList<>();
  private final List<LoadResult.Loaded> used = new ArrayList<>();
  private final List<Optional<Federation>> replaced = new ArrayList<>();
  private final AtomicReference<Federations> made = new AtomicReference<>();
  private @Nullable Path rootDocument;
  private Duration interval = Duration.ZERO;
  private Runnable beforeRevision = () -> {};
  private Runnable afterLoad = () -> {};

  @BeforeEach
  void chooseFile() {
    file = directory.resolve("federation.yaml");
  }

  @Test
  void the_document_is_loaded_at_the_start() {
    Federations federations = started(Documents.GOOD);
    Federation current = federations.current().orElseThrow();
    FederationStatus status = federations.status();
    assertThat(status.revision()).isEqualTo(current.revision());
    assertThat(status.loadedAt()).isEqualTo(TestClock.START);
    assertThat(status.problems()).isEmpty();
    assertThat(status.reloads()).isEqualTo(1);
    assertThat(used)
        .extracting(LoadResult.Loaded::locations)
        .containsExactly(
            Map.of(
                "github",
                new KeyLocation("https://token.actions.githubusercontent.com", null, null)));
  }

  @Test
  void no_document_is_in_force_until_a_bad_first_one_is_corrected() {
    Documents.write(file, "issuers: [");
    Federations federations = started(file);
    assertThat(federations.current()).isEmpty();
    assertThat(federations.status().problems()).hasSize(1);
    assertThat(federations.status().failures()).isEqualTo(1);
    Documents.write(file, Documents.GOOD);
    settle(federations);
    assertThat(federations.current()).isPresent();
    assertThat(federations.status().problems()).isEmpty();
  }

  @Test
  void a_team_file_that_exceeds_its_limits_changes_nothing_in_force() throws IOException {
    Path team = Files.createDirectory(directory.resolve("teams")).resolve("orders.yaml");
    Documents.write(file, teamsRoot());
    Documents.write(team, ORDERS.replace("orders}", "payments-api}"));
    rootDocument = file;
    Federations federations = started(team.getParent());
    assertThat(federations.current()).as("at the start").isEmpty();

    Documents.write(team, ORDERS);
    settle(federations);
    Federation good = federations.current().orElseThrow();
    assertThat(good.policy().rules()).hasSize(3);

    Documents.write(team, ORDERS.replace("orders}", "payments-api}"));
    Documents.write(file, teamsRoot().replace("\"42\"", "\"43\""));
    settle(federations);
    assertThat(federations.current()).containsSame(good);
    assertThat(federations.status().problems())
        .extracting(Problem::toString)
        .containsExactly(
            "orders.yaml:1: the target payments-api belongs to the root document, not to"
                + " orders.yaml. Use a target that "
                + file
                + ":1 lists: orders.");

    Documents.write(team, ORDERS);
    settle(federations);
    assertThat(federations.current().orElseThrow().revision()).isNotEqualTo(good.revision());
  }

  @Test
  void what_a_refused_document_disables_in_its_root_is_disabled_at_once() throws IOException {
    Federations federations = startedWithTeam();
    Federation good = federations.current().orElseThrow();
    String disabled = teamsRoot().replace("operators\n", "operators\n    disabled: true\n");
    Documents.write(directory.resolve("teams/orders.yaml"), "rules: [{name: broken}]\n");
    Documents.write(file, disabled);
    settle(federations);
    Federation narrowed = federations.current().orElseThrow();
    assertThat(narrowed.revision()).isNotEqualTo(good.revision()).matches("[0-9a-f]{64}");
    assertThat(federations.status().revision()).isEqualTo(narrowed.revision());
    assertThat(federations.status().problems()).isNotEmpty();
    assertThat(narrowed.policy().rules())
        .extracting(rule -> rule.name() + (rule.disabled() ? " off" : ""))
        .containsExactly("deploy-payments", "operators off", "o");
    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(
            ChangeKind.FEDERATION_LOADED,
            ChangeKind.FEDERATION_LOADED,
            ChangeKind.FEDERATION_REJECTED);
    assertThat(changes.get(1).is()).endsWith(", disabled: rule operators");
    assertThat(changes.get(1).clue())
        .isInstanceOfSatisfying(
            Clue.Names.class,
            names -> assertThat(names.names()).contains("rule operators: disabled"));

    Documents.write(file, teamsRoot().replace("60s", "60s\n    disabled: true"));
    settle(federations);
    Federation more = federations.current().orElseThrow();
    assertThat(more.issuers().all()).allMatch(TrustedIssuer::disabled);
    assertThat(more.policy().rules())
        .as("stays disabled until a good document comes")
        .anyMatch(Rule::disabled);

    Documents.write(directory.resolve("teams/orders.yaml"), ORDERS);
    Documents.write(file, teamsRoot());
    settle(federations);
    assertThat(federations.current().orElseThrow().revision()).isEqualTo(good.revision());
  }

  @Test
  void a_team_disables_nothing_by_a_refused_document() throws IOException {
    Federations federations = startedWithTeam();
    Federation good = federations.current().orElseThrow();
    Documents.write(
        directory.resolve("teams/orders.yaml"),
        ORDERS.replace("}]", ", disabled: true}, {name: operators, disabled: true}]")
            + "issuers: [{name: github, disabled: true}]\n");
    settle(federations);
    assertThat(federations.current()).containsSame(good);
    assertThat(federations.status().problems()).isNotEmpty();
  }

  @Test
  void files_that_change_without_end_hold_nothing_back() {
    Federations federations = started(Documents.GOOD);
    DocumentSlot watcher = federations.slot();
    for (int look = 0; look < 26; look++) {
      Documents.write(file, Documents.GOOD.replace("10m", "5m") + "# " + look + "\n");
      watcher.check();
    }
    assertThat(federations.status().reloads()).isEqualTo(2);
  }

  @Test
  void a_document_whose_files_are_renamed_names_the_new_ones() throws IOException {
    Documents.write(directory.resolve("a.yaml"), Documents.GOOD);
    Documents.write(directory.resolve("b.yaml"), "rules: []\n");
    Federations federations = started(directory);
    String revision = federations.current().orElseThrow().revision();

    Files.move(directory.resolve("a.yaml"), directory.resolve("a0.yaml"));
    settle(federations);

    Federation renamed = federations.current().orElseThrow();
    assertThat(renamed.revision()).isEqualTo(revision);
    assertThat(renamed.sources()).containsExactly("a0.yaml", "b.yaml");
    assertThat(renamed.policy().fileOf("operators")).isEqualTo("a0.yaml");
  }

  @Test
  void a_file_that_appears_later_is_taken() {
    Federations federations = started(file);
    assertThat(federations.current()).isEmpty();
    Documents.write(file, Documents.GOOD);
    settle(federations);
    assertThat(federations.current()).isPresent();
  }

  @Test
  void without_a_path_nothing_is_in_force() {
    Federations federations = started((Path) null);
    assertThat(federations.current()).isEmpty();
    assertThat(federations.status().problems())
        .extracting(Problem::message)
        .containsExactly("no federation document is set");
  }

  @Test
  void a_changed_document_is_swapped_in_whole() {
    Federations federations = started(Documents.GOOD);
    Federation before = federations.current().orElseThrow();
    clock.advance(Duration.ofMinutes(1));
    Documents.write(file, Documents.GOOD.replace("deploy-payments", "deploy"));
    settle(federations);
    Federation after = federations.current().orElseThrow();
    assertThat(after.revision()).isNotEqualTo(before.revision());
    assertThat(after.policy().rules()).extracting(Rule::name).contains("deploy");
    assertThat(before.policy().rules()).extracting(Rule::name).contains("deploy-payments");
    assertThat(federations.status().reloads()).isEqualTo(2);
    assertThat(federations.status().loadedAt()).isEqualTo(clock.instant());
    assertThat(used).hasSize(2);
  }

  @Test
  void announces_a_new_revision_before_use_and_not_the_same_again() {
    Federations federations = started(Documents.GOOD);
    Federation before = federations.current().orElseThrow();
    assertThat(replaced).containsExactly(Optional.empty());
    Documents.write(file, Documents.GOOD + "  - name: broken\n");
    settle(federations);
    assertThat(replaced).hasSize(1);
    Documents.write(file, Documents.GOOD.replace("deploy-payments", "deploy"));
    settle(federations);
    assertThat(replaced).containsExactly(Optional.empty(), Optional.of(before));
  }

  @Test
  void each_revision_and_each_bad_document_is_a_change() {
    Federations federations = started(Documents.GOOD);
    federations.reload();
    Documents.write(file, Documents.GOOD + "  - name: broken\n");
    federations.reload();
    Documents.write(file, Documents.GOOD.replace("10m", "5m"));
    federations.reload();

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(
            ChangeKind.FEDERATION_LOADED,
            ChangeKind.FEDERATION_REJECTED,
            ChangeKind.FEDERATION_LOADED);
    assertThat(changes.get(0).was()).isEmpty();
    assertThat(changes.get(1).is()).contains(file.getFileName().toString());
    assertThat(changes.get(2).was()).isEqualTo(changes.get(0).is());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "60s | 30s | issuer github: leeway | issuer github: keys",
        "[RS256] | [RS512] | issuer github: algorithms | issuer github: keys",
        "com\\n    audiences | com/\\n    audiences | iss https://token.actions.githubusercontent.com |"
            + " issuer github: audiences",
        "\"42\" | \"43\" | rules github to payments-api: left | rules github to token-broker: left",
        "[deploy, read] | [read] | rule deploy-payments: scopes |"
            + " rules github to payments-api: left",
        "'  - audience: orders\\n' | '' | target orders: removed | target payments-api: removed",
        "lifetime: 10m | lifetime: 5m | target payments-api: mint | target payments-api: removed",
      })
  void a_revision_names_what_differs_from_the_last(
      String was, String is, String named, String notNamed) {
    String before = was.translateEscapes();
    assertThat(Documents.GOOD).contains(before);
    Federations federations = started(Documents.GOOD);
    Documents.write(file, Documents.GOOD.replace(before, is.translateEscapes()));
    federations.reload();

    assertThat(changes.getLast().clue())
        .isInstanceOfSatisfying(
            Clue.Names.class,
            names -> assertThat(names.names()).contains(named).doesNotContain(notNamed));
  }

  @Test
  void a_bad_document_keeps_the_last_good_one_and_is_tried_once() {
    Federations federations = started(Documents.GOOD);
    Federation good = federations.current().orElseThrow();
    Documents.write(file, Documents.GOOD + "  - name: broken\n");
    DocumentSlot watcher = federations.slot();
    for (int look = 0; look < 10; look++) {
      watcher.check();
    }
    assertThat(federations.current()).containsSame(good);
    FederationStatus status = federations.status();
    assertThat(status.revision()).isEqualTo(good.revision());
    assertThat(status.failures()).isEqualTo(1);
    assertThat(status.problems())
        .extracting(Problem::message)
        .containsExactly("a rule needs 'audience'", "a rule needs 'issuer'", "a rule needs 'when'");
    federations.reload();
    assertThat(federations.status().failures()).isEqualTo(2);
  }

  /** Not at every look: it may take long. But not never: memory may have been short. */
  @Test
  void reports_a_document_that_fails_to_load_and_retries_later() {
    Federations federations = started(Documents.GOOD);
    DocumentSlot watcher = federations.slot();
    AtomicInteger loads = new AtomicInteger();
    beforeRevision =
        () -> {
          loads.incrementAndGet();
          throw new OutOfMemoryError("as a test says");
        };
    List<String> told = new ArrayList<>();
    Logger log = Logger.getLogger(DocumentSlot.class.getName());
    log.setFilter(
        record -> {
          told.add(record.getMessage());
          throw new OutOfMemoryError("as a test says");
        });
    try {
      Documents.write(file, Documents.GOOD.replace("10m", "5m"));
      for (int look = 0; look < 31; look++) {
        watcher.look();
      }
      assertThat(told).hasSize(1);
      assertThat(loads).hasValue(1);
      watcher.look();
      assertThat(told).hasSize(2);
      assertThat(loads).hasValue(2);
    } finally {
      log.setFilter(null);
    }

    beforeRevision = () -> {};
    Documents.write(file, Documents.GOOD.replace("10m", "6m"));
    watcher.look();
    assertThat(federations.status().reloads()).isEqualTo(2);
  }

  /** With files that the document named before, and with others. */
  @ParameterizedTest
  @ValueSource(strings = {Documents.EXCHANGING, Documents.GOOD, "rules: ["})
  void retries_later_if_using_a_document_fails(String before) {
    Path secret = directory.resolve("secret");
    Documents.write(secret, "old\n");
    Documents.write(file, before);
    Federations federations = started(file);
    DocumentSlot watcher = federations.slot();
    int loads = read.size();
    AtomicInteger uses = new AtomicInteger();
    afterLoad =
        () -> {
          uses.incrementAndGet();
          throw new OutOfMemoryError("as a test says");
        };
    Documents.write(secret, "new\n");
    Documents.write(file, Documents.EXCHANGING);
    for (int look = 0; look < 31; look++) {
      watcher.look();
    }
    assertThat(uses).hasValue(1);
    watcher.look();
    assertThat(uses).hasValue(2);

    afterLoad = () -> {};
    for (int look = 0; look < 100; look++) {
      watcher.look();
    }
    assertThat(read).hasSize(loads + 1);
    assertThat(watcher.check()).isFalse();
  }

  @Test
  void looks_go_on_after_one_that_failed() {
    interval = Duration.ofMillis(1);
    Federations federations = started(Documents.GOOD);
    AtomicInteger loads = new AtomicInteger();
    beforeRevision =
        () -> {
          if (loads.incrementAndGet() == 1) {
            throw new InternalError("as a test says");
          }
        };
    try (DocumentSlot _ = federations.slot()) {
      Documents.write(file, Documents.GOOD.replace("10m", "5m"));
      Eventually.until(() -> federations.status().reloads(), seen -> seen == 2);
    }
    assertThat(loads).hasValue(2);
  }

  @Test
  void a_change_is_taken_only_once_two_looks_agree() {
    Federations federations = started(Documents.GOOD);
    DocumentSlot watcher = federations.slot();
    assertThat(watcher.check()).isFalse();
    Documents.write(file, Documents.GOOD.substring(0, Documents.GOOD.indexOf(" && claims.ref")));
    assertThat(watcher.check()).isTrue();
    Documents.write(file, Documents.GOOD.replace("10m", "5m"));
    assertThat(watcher.check()).isTrue();
    assertThat(federations.status().reloads()).isEqualTo(1);
    assertThat(watcher.check()).isFalse();
    assertThat(federations.status().reloads()).isEqualTo(2);
    assertThat(federations.status().failures()).isZero();
  }

  @Test
  void a_file_written_again_with_the_same_content_swaps_nothing() {
    Federations federations = started(Documents.GOOD);
    Federation before = federations.current().orElseThrow();
    Documents.write(file, Documents.GOOD);
    DocumentSlot watcher = federations.slot();
    assertThat(watcher.check()).isFalse();
    assertThat(federations.current()).containsSame(before);
    assertThat(federations.status().reloads()).isEqualTo(1);
  }

  @Test
  void a_changed_key_file_is_taken() {
    Path keys = directory.resolve("keys.json");
    Documents.write(file, Documents.GOOD.replace("leeway: 60s", "jwksFile: keys.json"));
    Federations federations = started(file);
    assertThat(federations.current()).isEmpty();
    Documents.write(keys, Documents.JWKS);
    settle(federations);
    String first = federations.current().orElseThrow().revision();
    Documents.write(keys, Documents.JWKS.replace("k1", "k2"));
    settle(federations);
    assertThat(federations.current().orElseThrow().revision()).isNotEqualTo(first);
  }

  @Test
  void a_changed_secret_is_taken_although_the_revision_stays() {
    Path secret = directory.resolve("secret");
    Documents.write(secret, "old\n");
    Federations federations = started(Documents.EXCHANGING);
    Federation before = federations.current().orElseThrow();
    assertThat(federations.slot().check()).isFalse();
    Documents.write(secret, "new\n");
    settle(federations);
    Federation after = federations.current().orElseThrow();
    assertThat(after.revision()).isEqualTo(before.revision());
    assertThat(used).hasSize(2);
    assertThat(used.getLast().federation().upstreams()).isEqualTo(after.upstreams());
    assertThat(used.getLast().look()).isNotEqualTo(used.getFirst().look());
    assertThat(federations.slot().check()).isFalse();
  }

  @Test
  void a_secret_that_is_lost_keeps_the_last_good_document() throws IOException {
    Path secret = directory.resolve("secret");
    Documents.write(secret, "old\n");
    Federations federations = started(Documents.EXCHANGING);
    Federation before = federations.current().orElseThrow();
    Files.delete(secret);
    settle(federations);
    assertThat(federations.current()).containsSame(before);
    assertThat(federations.status().problems()).hasSize(1);
    Documents.write(secret, "new\n");
    settle(federations);
    assertThat(federations.current()).containsSame(before);
    assertThat(federations.status().problems()).isEmpty();
    assertThat(used).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rules: [", "rules: [{name: broken}]"})
  void a_secret_that_changes_while_the_document_is_bad_is_told(String bad) {
    Path secret = directory.resolve("secret");
    Documents.write(secret, "old\n");
    Federations federations = started(Documents.EXCHANGING);
    Federation before = federations.current().orElseThrow();
    Documents.write(file, bad);
    settle(federations);
    for (String rotated : List.of("new\n", "newer\n")) {
      int told = read.size();
      Documents.write(secret, rotated);
      settle(federations);
      assertThat(read).hasSize(told + 1);
      assertThat(read.getLast()).isInstanceOf(LoadResult.Rejected.class);
      assertThat(federations.current()).containsSame(before);
      assertThat(federations.slot().check()).isFalse();
    }
    Documents.write(file, Documents.EXCHANGING);
    settle(federations);
    assertThat(used.getLast().look().keyFiles()).containsExactly(Path.of("secret"));
  }

  @Test
  void upstreams_that_are_no_longer_named_are_told() {
    Documents.write(directory.resolve("secret"), "s");
    Federations federations = started(Documents.EXCHANGING);
    assertThat(used.getLast().definitions())
        .extracting(UpstreamDefinition::name)
        .containsExactly("sso");
    Documents.write(file, Documents.GOOD);
    settle(federations);
    assertThat(used.getLast().definitions()).isEmpty();
    assertThat(federations.current().orElseThrow().upstreams()).isEmpty();
  }

  @Test
  void a_config_map_is_swapped_by_its_link() throws IOException {
    configMap("..2026_01", Documents.GOOD);
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026_01"));
    Files.createSymbolicLink(directory.resolve("a.yaml"), Path.of("..data", "a.yaml"));
    Files.createSymbolicLink(directory.resolve("b.yaml"), Path.of("..data", "b.yaml"));
    Federations ofDirectory = started(directory);
    Federations ofFile = started(directory.resolve("a.yaml"));
    String before = ofDirectory.current().orElseThrow().revision();
    assertThat(ofDirectory.current().orElseThrow().sources()).containsExactly("a.yaml", "b.yaml");
    configMap("..2026_02", Documents.GOOD.replace("10m", "5m"));
    Path next = Files.createSymbolicLink(directory.resolve("..tmp"), Path.of("..2026_02"));
    Files.move(next, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    Files.delete(directory.resolve("..2026_01/a.yaml"));
    settle(ofDirectory);
    settle(ofFile);
    assertThat(ofDirectory.current().orElseThrow().revision()).isNotEqualTo(before);
    assertThat(ofFile.current().orElseThrow().revision()).isNotEqualTo(before);
    assertThat(ofDirectory.status().failures()).isZero();
  }

  @Test
  void readers_never_see_a_mixture_while_documents_are_swapped() throws InterruptedException {
    Federations federations = started(Documents.GOOD);
    AtomicBoolean done = new AtomicBoolean();
    List<Throwable> failures = new ArrayList<>();
    Thread reader =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((_, e) -> failures.add(e))
            .start(
                () -> {
                  while (!done.get()) {
                    Federation one = federations.current().orElseThrow();
                    String name = one.issuers().all().getFirst().name();
                    assertThat(one.policy().rules())
                        .allMatch(rule -> rule.issuerName().equals(name));
                    Thread.onSpinWait();
                  }
                });
    for (int swap = 0; swap < 50; swap++) {
      Documents.write(file, Documents.GOOD.replace(": github", ": g" + swap));
      federations.reload();
    }
    done.set(true);
    reader.join();
    assertThat(failures).isEmpty();
    assertThat(federations.status().reloads()).isEqualTo(51);
  }

  private void configMap(String version, String text) throws IOException {
    Path real = Files.createDirectory(directory.resolve(version));
    Documents.write(real.resolve("a.yaml"), text);
    Documents.write(real.resolve("b.yaml"), "targets: [{audience: more}]\n");
  }

  /** A root document that lets {@code orders.yaml} use one target. */
  private static String teamsRoot() {
    return "owners: [{file: orders.yaml, targets: [orders]}]\n" + Documents.GOOD;
  }

  private Federations startedWithTeam() throws IOException {
    Path teams = Files.createDirectory(directory.resolve("teams"));
    Documents.write(file, teamsRoot());
    Documents.write(teams.resolve("orders.yaml"), ORDERS);
    rootDocument = file;
    return started(teams);
  }

  private Federations started(String document) {
    Documents.write(file, document);
    return started(file);
  }

  private Federations started(@Nullable Path path) {
    FederationSettings settings = DocumentSettings.of(path, interval);
    Federations federations =
        new Federations(
            settings,
            new FederationLoader(
                Documents::remote,
                Documents::upstream,
                DocumentGate.OPEN,
                clock,
                Surroundings.unknown(false).withRoot(rootDocument)),
            () -> {
              beforeRevision.run();
              replaced.add(made.get().current());
            },
            this::keep,
            clock,
            changes::add);
    made.set(federations);
    federations.start(new Startup());
    return federations;
  }

  private void keep(LoadResult result) {
    afterLoad.run();
    read.add(result);
    if (result instanceof LoadResult.Loaded loaded) {
      used.add(loaded);
    }
  }
}
