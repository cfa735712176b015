package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeWatch.WatchedChange;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChangeLogTest {

  private static final String GITHUB = "https://token.actions.githubusercontent.com";
  private static final RisenRefusals RISEN =
      new RisenRefusals("github", RefusalReason.KEY_UNKNOWN, 0, 41, 40);

  private final TestClock clock = new TestClock();
  private final ChangeLog log =
      new ChangeLog(
          Optional::empty,
          clock,
          change -> change.subject().equals(GITHUB) ? Optional.of("github") : Optional.empty());

  @Test
  void holds_the_last_thousand_events_with_rising_ids() {
    for (int at = 1; at <= 1_500; at++) {
      log.changed(opened("sso-" + at));
    }

    assertThat(log.events()).hasSize(1_000);
    assertThat(log.events().getFirst().id()).isEqualTo(501);
    assertThat(log.events().getLast().id()).isEqualTo(1_500);
    assertThat(log.events().getLast().change().subject()).isEqualTo("sso-1500");
    assertThat(log.count(ChangeKind.CIRCUIT_OPENED)).isEqualTo(1_500);
    assertThat(log.count(ChangeKind.CIRCUIT_CLOSED)).isZero();
  }

  @Test
  void an_event_has_the_time_when_it_was_noticed() {
    clock.advance(Duration.ofSeconds(7));
    log.changed(opened("sso"));

    assertThat(log.events().getFirst().time()).isEqualTo(clock.instant());
  }

  @Test
  void an_event_has_the_name_of_its_issuer_and_the_identifier() {
    log.changed(Change.ofIssuer(ChangeKind.KEY_ADDED, GITHUB, "", "kid a"));
    log.changed(Change.ofIssuer(ChangeKind.KEY_ADDED, "https://gone.example", "", "kid a"));
    log.changed(opened("sso"));

    assertThat(log.events())
        .extracting(ChangeEvent::subject)
        .containsExactly("github", "https://gone.example", "sso");
    assertThat(log.events())
        .extracting(ChangeEvent::issuer)
        .containsExactly(GITHUB, "https://gone.example", "");
    assertThat(log.events().getFirst().text())
        .isEqualTo("key-added of issuer github: (none) -> kid a");
  }

  @Test
  void an_event_says_since_when_the_change_may_have_happened() {
    log.changed(
        Change.ofIssuer(ChangeKind.KEY_ADDED, GITHUB, "", "kid a").since(Duration.ofSeconds(30)));
    log.changed(opened("sso"));

    ChangeEvent late = log.events().getFirst();
    assertThat(new String(ChangeLine.of(late), StandardCharsets.UTF_8))
        .contains(
            "\"subject\":\"github\",\"issuer\":\"" + GITHUB + "\"",
            "\"noticed_after_time\":\"" + clock.instant().minusSeconds(30) + "\"");
    assertThat(new String(ChangeLine.of(log.events().getLast()), StandardCharsets.UTF_8))
        .doesNotContain("noticed_after_time", "\"issuer\"");
  }

  @Test
  void outside_texts_are_bounded_printable_and_free_of_tokens() {
    log.changed(
        Change.ofIssuer(
            ChangeKind.KEY_ADDED,
            "https://x.example\nfake line",
            "x".repeat(10_000),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.abcdef"));

    Change change = log.events().getFirst().change();
    assertThat(change.subject()).doesNotContain("\n");
    assertThat(change.was()).hasSize(Refusal.MAX_EVIDENCE_CHARS);
    assertThat(change.is()).isEqualTo("(a token)");
  }

  @Test
  void a_watch_gets_events_in_order_and_again_when_refusals_join() throws Exception {
    log.changed(opened("before"));
    ChangeWatch watch = new ChangeWatch();
    assertThat(Outcomes.accepted(log.follow(watch))).hasSize(1);

    log.changed(opened("after"));
    ChangeEvent event = log.events().getLast();
    ChangeEvent beside = event.with(List.of(), List.of(RISEN));
    ChangeEvent joined = event.with(List.of(RISEN), List.of(RISEN));
    log.join(event, List.of(), List.of(RISEN));
    assertThat(log.joined(ChangeKind.CIRCUIT_OPENED)).isZero();
    log.join(beside, List.of(RISEN), List.of(RISEN));
    log.join(joined, List.of(RISEN), List.of(RISEN));

    assertThat(taken(watch)).containsExactly(event, beside, joined);
    assertThat(log.events().getLast().joined()).containsExactly(RISEN);
    assertThat(log.joined(ChangeKind.CIRCUIT_OPENED)).isEqualTo(1);
  }

  @Test
  void a_slow_watch_loses_the_oldest_events_and_learns_how_many() throws Exception {
    ChangeWatch watch = new ChangeWatch();
    log.follow(watch);
    for (int at = 0; at < ChangeWatch.MAX_QUEUED + 10; at++) {
      log.changed(opened("sso"));
    }

    assertThat(watch.next(Duration.ZERO))
        .isInstanceOfSatisfying(
            WatchedChange.NextChange.class,
            next -> {
              assertThat(next.missed()).isEqualTo(10);
              assertThat(next.event().id()).isEqualTo(11);
            });
    assertThat(watch.next(Duration.ZERO))
        .isInstanceOfSatisfying(
            WatchedChange.NextChange.class, next -> assertThat(next.missed()).isZero());
  }

  @Test
  void a_watch_ends_with_the_broker() throws Exception {
    ChangeWatch watch = new ChangeWatch();
    log.follow(watch);

    log.close();

    assertThat(watch.next(Duration.ofMinutes(1))).isInstanceOf(WatchedChange.WatchEnded.class);
  }

  @Test
  void a_watch_that_is_woken_returns_once_without_an_event() throws Exception {
    ChangeWatch watch = new ChangeWatch();
    log.follow(watch);

    watch.wake();

    assertThat(watch.next(Duration.ofMinutes(1))).isInstanceOf(WatchedChange.NoChange.class);
    assertThat(watch.next(Duration.ZERO)).isInstanceOf(WatchedChange.NoChange.class);
  }

  private static List<ChangeEvent> taken(ChangeWatch watch) throws InterruptedException {
    List<ChangeEvent> events = new ArrayList<>();
    while (watch.next(Duration.ZERO)
        instanceof WatchedChange.NextChange(ChangeEvent event, long _)) {
      events.add(event);
    }
    return events;
  }

  private static Change opened(String upstream) {
    return Change.ofUpstream(ChangeKind.CIRCUIT_OPENED, upstream, "closed", "open");
  }
}
