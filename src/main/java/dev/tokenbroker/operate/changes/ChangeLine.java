package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.StrictJson;
import dev.tokenbroker.base.json.StrictJson.Nulls;
import dev.tokenbroker.base.refusal.Outcome;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event as JSON without a line break, and reads it from a file. Members without a value
 * are left out; the names are those of the protobuf message.
 */
public final class ChangeLine {

  private ChangeLine() {}

  /** The JSON of an event, with its refusals, in UTF-8. */
  public static byte[] of(ChangeEvent event) {
    return of(event, 0);
  }

  /**
   * The JSON of an event in a stream.
   *
   * @param missed how many events before it the stream has dropped
   */
  public static byte[] of(ChangeEvent event, long missed) {
    return JsonBytes.of(members(event, missed));
  }

  /** The members of that JSON, in order. */
  public static Map<String, Object> members(ChangeEvent event, long missed) {
    Map<String, Object> members = stored(event);
    if (!event.joined().isEmpty()) {
      members.put("joined", event.joined().stream().map(risen -> members(event, risen)).toList());
    }
    if (!event.unproved().isEmpty()) {
      members.put("unproved", event.unproved().stream().map(ChangeLine::members).toList());
    }
    if (missed > 0) {
      members.put("missed_events", missed);
    }
    return members;
  }

  /** The JSON for the file, without refusals, and a line break. */
  static byte[] inFile(ChangeEvent event) {
    byte[] json = JsonBytes.of(stored(event));
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }

  private static Map<String, Object> stored(ChangeEvent event) {
    Change change = event.change();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("id", event.id());
    members.put("time", event.time().toString());
    if (event.isLate()) {
      members.put("noticed_after_time", event.noticedAfter().toString());
    }
    members.put("kind", change.kind().label());
    members.put("subject_kind", change.subjectKind().label());
    text(members, "subject", event.subject());
    text(members, "issuer", event.issuer());
    text(members, "was", change.was());
    text(members, "is", change.is());
    return members;
  }

  private static Map<String, Object> members(ChangeEvent event, RisenRefusals risen) {
    Map<String, Object> members = members(risen);
    members.put("text", risen.text(event));
    return members;
  }

  private static Map<String, Object> members(RisenRefusals risen) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", risen.name());
    members.put("reason", risen.reason().name());
    members.put("before", risen.before());
    members.put("after", risen.after());
    members.put("delay_seconds", risen.delaySeconds());
    return members;
  }

  private static void text(Map<String, Object> members, String name, String value) {
    if (!value.isEmpty()) {
      members.put(name, value);
    }
  }

  /** The event of a line of the file; empty if the line is not one. */
  static Optional<ChangeEvent> parse(byte[] line) {
    return switch (StrictJson.object(line, "line", Nulls.REFUSED)) {
      case Outcome.Accepted<Map<String, Object>>(Map<String, Object> members) -> parse(members);
      case Outcome.Refused<Map<String, Object>> _ -> Optional.empty();
    };
  }

  private static Optional<ChangeEvent> parse(Map<String, Object> members) {
    Optional<ChangeKind> kind =
        labelled(ChangeKind.values(), ChangeKind::label, members.get("kind"));
    Optional<SubjectKind> subjectKind =
        labelled(SubjectKind.values(), SubjectKind::label, members.get("subject_kind"));
    if (!(members.get("id") instanceof Long id)
        || id < 1
        || !(members.get("time") instanceof String time)
        || kind.isEmpty()
        || subjectKind.isEmpty()) {
      return Optional.empty();
    }
    try {
      Instant noticed = Instant.parse(time);
      String subject = text(members, "subject");
      String issuer = text(members, "issuer");
      Change change =
          new Change(
              kind.get(),
              subjectKind.get(),
              issuer.isEmpty() ? subject : issuer,
              text(members, "was"),
              text(members, "is"),
              sinceLook(members, noticed));
      return Optional.of(new ChangeEvent(id, noticed, change, subject, List.of(), List.of()));
    } catch (DateTimeException noTime) {
      return Optional.empty();
    }
  }

  private static Duration sinceLook(Map<String, Object> members, Instant noticed) {
    return members.get("noticed_after_time") instanceof String after
        ? Duration.between(Instant.parse(after), noticed)
        : Duration.ZERO;
  }

  private static <E> Optional<E> labelled(
      E[] all, Function<E, String> label, @Nullable Object given) {
    return Arrays.stream(all).filter(each -> label.apply(each).equals(given)).findFirst();
  }

  private static String text(Map<String, Object> members, String name) {
    return members.get(name) instanceof String text ? text : "";
  }
}
