package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeFileTest {

  private static final String WIDE = "\u00e9".repeat(256);

  @TempDir Path directory;
  private final TestClock clock = new TestClock();

  private Path path() {
    return directory.resolve("changes.jsonl");
  }

  @Test
  void a_restart_finds_the_events_and_goes_on_with_their_ids() throws IOException {
    run("first", "second");
    List<ChangeEvent> events = run("third");

    assertThat(events).extracting(ChangeEvent::id).containsExactly(1L, 2L, 3L);
    assertThat(events)
        .extracting(event -> event.change().subject())
        .containsExactly("first", "second", "third");
    assertThat(events).extracting(ChangeEvent::time).containsOnly(clock.instant());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
        .isEqualTo("rw-------");
  }

  @Test
  void both_names_of_an_issuer_and_the_look_before_are_kept() {
    Change change =
        Change.ofIssuer(ChangeKind.KEY_REPLACED, "https://issuer.example", "kid a", "kid a")
            .since(Duration.ofSeconds(30));
    ChangeLog log = new ChangeLog(() -> Optional.of(path()), clock, _ -> Optional.of("github"));
    log.changed(change);
    log.close();

    assertThat(run())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.change()).isEqualTo(change);
              assertThat(event.subject()).isEqualTo("github");
              assertThat(event.issuer()).isEqualTo("https://issuer.example");
              assertThat(event.noticedAfter()).isEqualTo(event.time().minusSeconds(30));
            });
  }

  @Test
  void a_torn_last_line_is_left_out_and_does_not_spoil_the_next() throws IOException {
    run("first");
    Files.writeString(path(), "{\"id\":2,\"time\":\"2026-", StandardOpenOption.APPEND);

    run("after");
    List<ChangeEvent> events = run();

    assertThat(events)
        .extracting(event -> event.change().subject())
        .containsExactly("first", "after");
  }

  @Test
  void lines_that_are_no_events_are_left_out() throws IOException {
    Files.writeString(
        path(),
        """
        []
        {"id":0,"time":"2026-11-24T12:00:00Z","kind":"circuit-opened","subject_kind":"upstream"}
        {"id":1,"time":"yesterday","kind":"circuit-opened","subject_kind":"upstream"}
        {"id":1,"time":"2026-11-24T12:00:00Z","kind":"unheard-of","subject_kind":"upstream"}
        {"id":9,"time":"2026-11-24T12:00:00Z","kind":"circuit-opened","subject_kind":"upstream"}
        """);

    assertThat(run()).extracting(ChangeEvent::id).containsExactly(9L);
  }

  @Test
  void a_full_file_gets_another_name_and_both_are_read_back() throws IOException {
    ChangeWriter.ChangeFile file = new ChangeWriter.ChangeFile(path());
    Change change = Change.ofUpstream(ChangeKind.CIRCUIT_OPENED, WIDE, WIDE, WIDE);
    int written = 0;
    while (!Files.exists(directory.resolve("changes.jsonl.1"))) {
      written++;
      file.append(new ChangeEvent(written, clock.instant(), change, WIDE, List.of(), List.of()));
    }
    file.close();

    assertThat(Files.size(directory.resolve("changes.jsonl.1")))
        .isLessThanOrEqualTo(ChangeWriter.ChangeFile.MAX_BYTES);
    List<ChangeEvent> last = new ChangeWriter.ChangeFile(path()).last(1_000);
    assertThat(last).hasSize(1_000);
    assertThat(last.getLast().id()).isEqualTo(written);
    assertThat(last.getLast().change()).isEqualTo(change);
  }

  @Test
  void a_link_in_place_of_the_file_is_not_followed() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "untouched");
    Files.createSymbolicLink(path(), victim);

    assertThatThrownBy(() -> new ChangeWriter.ChangeFile(path()).append(event()))
        .isInstanceOf(IOException.class);
    assertThat(victim).hasContent("untouched");
  }

  @Test
  void a_disk_that_fails_is_one_warning_and_the_timeline_goes_on() {
    try (Logged logged = Logged.open(ChangeWriter.class)) {
      Path missing = directory.resolve("none").resolve("changes.jsonl");
      assertThatThrownBy(() -> new ChangeWriter.ChangeFile(missing).append(event()))
          .isInstanceOf(IOException.class);
      ChangeLog log = new ChangeLog(() -> Optional.of(missing), clock, _ -> Optional.empty());
      for (int at = 0; at < 20; at++) {
        log.changed(event().change());
      }
      log.close();

      assertThat(log.events()).hasSize(20);
      assertThat(logged.texts()).hasSize(1);
    }
  }

  private ChangeEvent event() {
    return new ChangeEvent(
        1,
        clock.instant(),
        Change.ofUpstream(ChangeKind.CIRCUIT_OPENED, "sso", "closed", "open"),
        "sso",
        List.of(),
        List.of());
  }

  /** The events at the end of a run in which those upstreams changed. */
  private List<ChangeEvent> run(String... upstreams) {
    ChangeLog log = new ChangeLog(() -> Optional.of(path()), clock, _ -> Optional.of("github"));
    for (String upstream : upstreams) {
      log.changed(Change.ofUpstream(ChangeKind.CIRCUIT_OPENED, upstream, "closed", "open"));
    }
    log.close();
    return log.events();
  }
}
