package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeNotesTest {

  private final TestClock clock = new TestClock();
  private final ChangeLog log = new ChangeLog(Optional::empty, clock, _ -> Optional.of("github"));
  private final ChangeNotes notes =
      new ChangeNotes(
          log,
          TestEvidence.CAUSES,
          audience -> audience.equals("orders") ? Optional.of("sso") : Optional.empty());

  @Test
  void the_first_refusal_after_a_change_names_it_without_a_cause() {
    log.changed(removed());
    clock.advance(Duration.ofSeconds(12));

    assertThat(notesOf(RefusalReason.KEY_UNKNOWN, clock.instant()))
        .containsExactly(
            "before",
            "The last change that can have this effect, which proves nothing: key-removed of issuer"
                + " github: kid a -> (none), noticed at 2026-11-24T12:00:00Z (GET /changes, event"
                + " 1)");
  }

  @Test
  void a_refusal_whose_reason_is_joined_names_the_join_only() {
    log.changed(removed());
    log.changed(Change.ofIssuer(ChangeKind.KEY_REPLACED, "https://issuer.example", "b", "c"));
    log.join(
        log.events().getFirst(),
        List.of(new RisenRefusals("github", RefusalReason.KEY_UNKNOWN, 0, 41, 40)),
        List.of());
    clock.advance(Duration.ofMinutes(9));

    assertThat(notesOf(RefusalReason.KEY_UNKNOWN, clock.instant()))
        .containsExactly(
            "before",
            "Refusals rose after a change: KEY_UNKNOWN of github rose, 40 s after"
                + " key-removed of issuer github: kid a -> (none), noticed at 2026-11-24T12:00:00Z"
                + " (GET /changes, event 1)");
  }

  @ParameterizedTest
  @CsvSource({
    // seconds from the event to the evaluation; the broker looked 30 s before the event
    "-31, false",
    "-30, true",
    "0, true",
    "300, true",
    "301, false",
  })
  void names_a_change_from_the_previous_look_to_five_minutes_after(long after, boolean named) {
    log.changed(removed().since(Duration.ofSeconds(30)));

    assertThat(notesOf(RefusalReason.KEY_UNKNOWN, clock.instant().plusSeconds(after)))
        .hasSize(named ? 2 : 1);
  }

  @Test
  void the_upstream_of_the_target_is_what_its_refusals_are_about() {
    log.changed(Change.ofUpstream(ChangeKind.SECRET_RELOADED, "sso", "a", "b"));
    RefusalReason reason = RefusalReason.UPSTREAM_CLIENT_REFUSED;

    assertThat(notes.added(verdict(reason, clock.instant(), "orders")).notes()).hasSize(2);
    assertThat(notes.added(verdict(reason, clock.instant(), "payments")).notes()).hasSize(1);
  }

  @Test
  void changes_that_cannot_have_that_effect_are_not_named() {
    log.changed(removed());
    log.changed(
        new Change(ChangeKind.FEDERATION_LOADED, SubjectKind.FEDERATION, "", "", "revision a"));

    assertThat(notesOf(RefusalReason.NO_RULE_MATCHED, clock.instant())).containsExactly("before");
    assertThat(notesOf(null, clock.instant())).containsExactly("before");
  }

  private List<String> notesOf(@Nullable RefusalReason reason, Instant time) {
    return notes.added(verdict(reason, time, "payments")).notes();
  }

  private static Verdict verdict(@Nullable RefusalReason reason, Instant time, String target) {
    return new Verdict(
        "id",
        time,
        Intent.EXCHANGE,
        reason,
        "revision",
        "github",
        null,
        null,
        null,
        target,
        false,
        List.of(),
        List.of(),
        List.of("before"),
        List.of(),
        reason == RefusalReason.KEY_UNKNOWN ? Clue.signed("a") : Clue.none());
  }

  private static Change removed() {
    return TestEvidence.removed("https://issuer.example");
  }
}
