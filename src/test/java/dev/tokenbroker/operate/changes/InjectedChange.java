package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.operate.changes.ShownTimeline.ShownEvent;
import dev.tokenbroker.operate.changes.ShownTimeline.ShownJoin;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One row of a table of identity changes: what changes at the peer of that name, the event that the
 * timeline must show, and the joins that it must and may show.
 *
 * @param kind of the event
 * @param was a regular expression for the state before
 * @param is a regular expression for the state after
 * @param joins joins that must be shown, as {@code key-removed KEY_UNKNOWN}
 * @param others further joins that would be right, if enough calls are refused for that reason
 */
record InjectedChange(
    String name,
    SubjectKind subjectKind,
    Consumer<ChangingPeer> change,
    String kind,
    String was,
    String is,
    Set<String> joins,
    Set<String> others) {

  /** A change of an issuer, which has nothing to be seen as yet. */
  static InjectedChange ofIssuer(String name, Consumer<ChangingPeer> change) {
    return new InjectedChange(name, SubjectKind.ISSUER, change, "", "", "", Set.of(), Set.of());
  }

  /** A change of an upstream, which has nothing to be seen as yet. */
  static InjectedChange ofUpstream(String name, Consumer<ChangingPeer> change) {
    return new InjectedChange(name, SubjectKind.UPSTREAM, change, "", "", "", Set.of(), Set.of());
  }

  InjectedChange seenAs(String eventKind, String before, String after) {
    return new InjectedChange(name, subjectKind, change, eventKind, before, after, joins, others);
  }

  /** Refusals of that reason must be joined to its event. */
  InjectedChange causing(String reason) {
    return new InjectedChange(
        name, subjectKind, change, kind, was, is, with(joins, kind + " " + reason), others);
  }

  /** Refusals of that reason may be joined to events of that kind. */
  InjectedChange orAlso(String eventKind, String reason) {
    return new InjectedChange(
        name, subjectKind, change, kind, was, is, joins, with(others, eventKind + " " + reason));
  }

  /** Calls may be refused for that reason as well, and must not be joined to anything. */
  InjectedChange refusing(String reason) {
    return orAlso("nothing", reason);
  }

  private static Set<String> with(Set<String> some, String one) {
    return Stream.concat(some.stream(), Stream.of(one)).collect(Collectors.toUnmodifiableSet());
  }

  boolean isSeenAs(ShownEvent event) {
    return event.kind().equals(kind)
        && isOf(event)
        && Pattern.matches(was, event.was())
        && Pattern.matches(is, event.is());
  }

  private boolean isOf(ShownEvent event) {
    return event.subjectKind().equals(subjectKind.label()) && event.subject().equals(name);
  }

  /** Whether a join is of this row: its event and its refusals are of this peer. */
  boolean allows(ShownJoin join) {
    return isOf(join.event())
        && join.name().equals(name)
        && (joins.contains(join.text()) || others.contains(join.text()));
  }

  /** Whether a call may be refused for that reason after the change. */
  boolean explains(String reason) {
    return Stream.concat(joins.stream(), others.stream())
        .anyMatch(text -> text.endsWith(" " + reason));
  }
}
