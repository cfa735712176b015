package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.operate.changes.ShownTimeline.ShownEvent;
import dev.tokenbroker.operate.changes.ShownTimeline.ShownJoin;
import dev.tokenbroker.operate.changes.SteadyCalls.EndedCall;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Changes that are made one after another under steady calls: each must be shown as an event within
 * a minute, with the refusals that it causes.
 */
public final class ChangeSteps {

  private final ShownTimeline timeline;
  private final SteadyCalls calls;
  private final Set<String> right = new HashSet<>();
  private final Set<String> tolerated = new HashSet<>();
  private int named;

  /** Makes a change. */
  @FunctionalInterface
  public interface Change {
    void make() throws Exception;
  }

  public ChangeSteps(ShownTimeline timeline, SteadyCalls calls) {
    this.timeline = timeline;
    this.calls = calls;
  }

  /**
   * Makes a change, and waits for its event and joins.
   *
   * @param is a regular expression for the state after it
   * @param joins the name and the reason of refusals that must be joined, as {@code ci
   *     NO_RULE_MATCHED}
   */
  public void step(String name, Change change, String kind, String is, String... joins)
      throws Exception {
    step(name, change, event -> event.kind().equals(kind) && event.is().matches(is), joins);
  }

  /**
   * Makes a change, and waits for its event and joins.
   *
   * @param joins as in the other form
   */
  public void step(String name, Change change, Predicate<ShownEvent> shown, String... joins)
      throws Exception {
    long before = timeline.events().stream().mapToLong(ShownEvent::id).max().orElse(0);
    Instant made = Instant.now();
    change.make();
    ShownEvent event = event(name, before, shown);
    Instant last = made;
    for (String text : joins) {
      right.add(event.id() + " " + text);
      last = join(name, event, text).shown();
    }
    Optional<EndedCall> refused = calls.first(made, EndedCall::isRefused);
    if (joins.length > 0) {
      assertThat(reasons(made)).as(name).allMatch(reason -> isExpected(reason, joins));
    }
    named += joins.length;
    System.out.printf(
        "%-24s %-24s event %.1f s after the change%s%n",
        name,
        event.kind(),
        seconds(made, event.shown()),
        joins.length == 0
            ? ""
            : ", join %.1f s after the first refusal, for %s"
                .formatted(
                    seconds(refused.map(EndedCall::answered).orElse(made), last),
                    String.join(", ", joins)));
  }

  /**
   * Allows refusals for other reasons than those of the joins that a step asks for, and their
   * joins.
   *
   * @param join the kind of the event, and the name and the reason of refusals
   */
  public void allow(String join) {
    tolerated.add(join);
  }

  private Set<String> reasons(Instant since) {
    return calls.ended().stream()
        .filter(call -> call.sent().isAfter(since) && call.isRefused())
        .map(EndedCall::reason)
        .collect(Collectors.toSet());
  }

  private boolean isExpected(String reason, String... joins) {
    return Stream.concat(Stream.of(joins), tolerated.stream())
        .anyMatch(join -> join.endsWith(" " + reason));
  }

  private ShownEvent event(String name, long before, Predicate<ShownEvent> shown) {
    assertThat(timeline.shows(ObservedChange.SOON, seen -> find(before, shown).isPresent()))
        .as("%s: its event among %s", name, timeline.events())
        .isTrue();
    return find(before, shown).orElseThrow();
  }

  private Optional<ShownEvent> find(long before, Predicate<ShownEvent> shown) {
    return timeline.event(event -> event.id() > before && shown.test(event));
  }

  private ShownJoin join(String name, ShownEvent event, String text) {
    assertThat(timeline.shows(ObservedChange.SOON, seen -> find(event, text).isPresent()))
        .as("%s: a join of %s to %s among %s", name, text, event, timeline.joins())
        .isTrue();
    return find(event, text).orElseThrow();
  }

  private Optional<ShownJoin> find(ShownEvent event, String text) {
    return timeline.join(join -> key(join).equals(event.id() + " " + text));
  }

  private static String key(ShownJoin join) {
    return join.event().id() + " " + join.name() + " " + join.reason();
  }

  /** Waits until calls have been good for that time. */
  public void mended(Duration time) {
    Instant since = Instant.now();
    assertThat(
            timeline.shows(
                ObservedChange.SOON, _ -> lastRefusal(since).plus(time).isBefore(Instant.now())))
        .as("calls are good again")
        .isTrue();
  }

  private Instant lastRefusal(Instant since) {
    return calls.ended().stream()
        .filter(EndedCall::isRefused)
        .map(EndedCall::answered)
        .filter(since::isBefore)
        .max(Instant::compareTo)
        .orElse(since);
  }

  /** Joins that no step has asked for. */
  public List<ShownJoin> falseJoins() {
    return timeline.joins().stream()
        .filter(join -> !right.contains(key(join)))
        .filter(
            join ->
                !tolerated.contains(join.event().kind() + " " + join.name() + " " + join.reason()))
        .toList();
  }

  /** How many joins the steps have asked for. */
  public int named() {
    return named;
  }

  private static double seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis()) / 1000.0;
  }
}
