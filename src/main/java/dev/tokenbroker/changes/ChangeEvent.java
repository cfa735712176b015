package dev.tokenbroker.changes;

import dev.tokenbroker.outcome.Change;
import java.time.Instant;
import java.util.List;

/**
 * A change with its place in the timeline.
 *
 * @param id rises with each event, also over a restart if the timeline is kept in a file
 * @param time when the broker noticed the change
 * @param joined the refusals that rose after it
 */
public record ChangeEvent(long id, Instant time, Change change, List<RisenRefusals> joined) {

  public ChangeEvent {
    joined = List.copyOf(joined);
  }

  ChangeEvent with(List<RisenRefusals> risen) {
    return new ChangeEvent(id, time, change, risen);
  }

  /** One line for people. */
  public String text() {
    StringBuilder text = new StringBuilder(change.kind().label());
    if (!change.subject().isEmpty()) {
      text.append(" of ").append(change.subjectKind().label()).append(' ').append(change.subject());
    }
    if (!change.was().isEmpty() || !change.is().isEmpty()) {
      text.append(": ").append(shown(change.was())).append(" -> ").append(shown(change.is()));
    }
    return text.toString();
  }

  private static String shown(String state) {
    return state.isEmpty() ? "(none)" : state;
  }
}
