package dev.tokenbroker.operate.changes;

import dev.tokenbroker.operate.changes.ShownTimeline.ShownJoin;
import dev.tokenbroker.operate.changes.SteadyCalls.EndedCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What became of an injected change: the times at which {@code GET /changes} showed it, counted
 * from the calls that it affected.
 *
 * @param event from the first call after the change to the event; null if it is missing
 * @param join from the first refused call to the last join that must be shown; null if one is
 *     missing, or if there is none to show
 * @param refused the reasons of refusals after the change
 * @param faults what is wrong; empty if all is right
 */
record ObservedChange(
    InjectedChange row,
    @Nullable Duration event,
    @Nullable Duration join,
    Set<String> refused,
    List<String> faults) {

  /** The limit for both times. */
  static final Duration SOON = Duration.ofSeconds(60);

  /** Before a change there must be no refusals like those that it causes, for that time. */
  private static final Duration QUIET = Duration.ofSeconds(15);

  /** The reasons that a slow machine gives, with or without a change. */
  private static final Set<String> SLOW =
      Set.of(
          "UPSTREAM_BUSY",
          "UPSTREAM_TIMED_OUT",
          "UPSTREAM_BUDGET_EXHAUSTED",
          "BROKER_OVERLOADED",
          "DEADLINE_EXCEEDED");

  static ObservedChange of(
      InjectedChange row, Instant injected, SteadyCalls calls, ShownTimeline timeline) {
    List<String> faults = new ArrayList<>();
    Instant affected = answered(calls, injected, false);
    Instant refused = answered(calls, injected, true);
    Duration event =
        timeline.event(row::isSeenAs).map(seen -> after(affected, seen.shown())).orElse(null);
    if (event == null || event.compareTo(SOON) > 0) {
      faults.add(row.name() + ": no event " + row.kind() + " in time: " + event);
    }
    Duration last = null;
    for (String join : row.joins()) {
      Duration shown =
          timeline
              .join(seen -> row.allows(seen) && seen.text().equals(join))
              .map(seen -> after(refused, seen.shown()))
              .orElse(null);
      if (shown == null || shown.compareTo(SOON) > 0) {
        faults.add(row.name() + ": no join " + join + " in time: " + shown);
      }
      last = shown == null || last == null || shown.compareTo(last) > 0 ? shown : last;
    }
    Set<String> reasons =
        calls.ended().stream()
            .filter(call -> call.sent().isAfter(injected) && call.isRefused())
            .map(EndedCall::reason)
            .collect(Collectors.toCollection(TreeSet::new));
    reasons.stream()
        .filter(reason -> !row.explains(reason) && !SLOW.contains(reason))
        .map(reason -> row.name() + ": calls refused for " + reason)
        .forEach(faults::add);
    calls.ended().stream()
        .filter(
            call ->
                call.answered().isBefore(injected) && call.sent().isAfter(injected.minus(QUIET)))
        .filter(call -> row.explains(call.reason()))
        .limit(1)
        .map(call -> row.name() + ": a call before the change refused for " + call.reason())
        .forEach(faults::add);
    return new ObservedChange(row, event, last, reasons, faults);
  }

  private static Instant answered(SteadyCalls calls, Instant after, boolean refused) {
    return calls
        .first(after, call -> !refused || call.isRefused())
        .map(EndedCall::answered)
        .orElse(after);
  }

  /** Not negative: the broker may notice a change by the call itself. */
  private static Duration after(Instant call, Instant shown) {
    return call.isAfter(shown) ? Duration.ZERO : Duration.between(call, shown);
  }

  /** Joins that no row allows. */
  static List<String> falseJoins(List<InjectedChange> table, List<ShownJoin> joins) {
    return joins.stream()
        .filter(join -> table.stream().noneMatch(row -> row.allows(join)))
        .map(Object::toString)
        .toList();
  }

  /** Whether the cause of the first refused call was named in time. */
  boolean isJoinedInTime() {
    return join != null && join.compareTo(SOON) <= 0;
  }

  /** A line of the printed table. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%-20s %-20s event %6s  join %6s  %s",
        row.name(),
        row.kind(),
        seconds(event),
        row.joins().isEmpty() ? "-" : seconds(join),
        String.join(", ", refused));
  }

  private static String seconds(@Nullable Duration time) {
    return time == null ? "none" : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
  }
}
