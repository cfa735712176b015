package dev.tokenbroker.base.refusal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An expected "no": its reason, and the evidence for readers who may see it.
 *
 * <p>Evidence is cut to {@value #MAX_EVIDENCE_CHARS} characters and cleared of control characters
 * here. So no claim, however long or odd, can break a log line, a header or the size limit of a
 * status. Evidence never holds token bytes, keys or bodies of upstream responses.
 *
 * @param expected what is demanded; empty if there is nothing to say
 * @param seen what was found instead; empty if there is nothing to say
 * @param hints what the request nearly was, most likely first, at most {@value #MAX_HINTS}
 * @param notes further evidence, for operators only, at most {@value #MAX_NOTES}
 * @param retryAfter when to come back; only for reasons whose {@link RefusalReason#retry()} is
 *     {@code LATER}
 * @param violations what is wrong with the fields of the request; only for {@code REQUEST_INVALID}
 * @param clue the fact by which changes are compared with it
 */
public record Refusal(
    RefusalReason reason,
    String expected,
    String seen,
    List<String> hints,
    List<String> notes,
    @Nullable Duration retryAfter,
    List<FieldViolation> violations,
    Clue clue) {

  public static final int MAX_EVIDENCE_CHARS = 256;
  public static final int MAX_HINTS = 4;
  public static final int MAX_NOTES = 10;

  public Refusal {
    expected = Evidence.clean(expected);
    seen = Evidence.clean(seen);
    if (!hints.isEmpty()) {
      hints = hints.stream().limit(MAX_HINTS).map(Evidence::clean).toList();
    }
    if (!notes.isEmpty()) {
      notes = notes.stream().limit(MAX_NOTES).map(Evidence::clean).toList();
    }
  }

  public static Refusal of(RefusalReason reason) {
    return new Refusal(reason, "", "", List.of(), List.of(), null, List.of(), Clue.none());
  }

  public Refusal expected(String demanded) {
    return new Refusal(reason, demanded, seen, hints, notes, retryAfter, violations, clue);
  }

  public Refusal seen(String found) {
    return new Refusal(reason, expected, found, hints, notes, retryAfter, violations, clue);
  }

  public Refusal hint(String hint) {
    List<String> more = new ArrayList<>(hints);
    more.add(hint);
    return new Refusal(reason, expected, seen, more, notes, retryAfter, violations, clue);
  }

  /** The same evidence for another reason. */
  public Refusal as(RefusalReason another) {
    return new Refusal(another, expected, seen, hints, notes, retryAfter, violations, clue);
  }

  /**
   * What came and what to do about it, for readers without a verdict. Empty unless the reason is
   * about what the caller presents: other evidence may be about this broker.
   */
  public String told() {
    return switch (reason.kind()) {
      case CALLER, PROOF, CREDENTIAL ->
          (seen.isEmpty() ? "" : "What came: " + seen + ". ")
              + hints.stream().map(hint -> hint + " ").collect(Collectors.joining());
      default -> "";
    };
  }

  /** Adds evidence that only operators see. */
  public Refusal note(String note) {
    return noted(List.of(note));
  }

  /** Adds all these notes. */
  public Refusal noted(List<String> more) {
    List<String> all = new ArrayList<>(notes);
    all.addAll(more);
    return new Refusal(reason, expected, seen, hints, all, retryAfter, violations, clue);
  }

  /** The refusal {@code REQUEST_INVALID} of a request with those violations, at least one. */
  public static Refusal ofRequest(List<FieldViolation> violations) {
    List<String> hints =
        violations.stream()
            .map(violation -> violation.field() + " " + violation.description())
            .toList();
    return new Refusal(
        RefusalReason.REQUEST_INVALID,
        "",
        "",
        hints,
        List.of(),
        null,
        List.copyOf(violations),
        Clue.none());
  }

  public Refusal clue(Clue fact) {
    return new Refusal(reason, expected, seen, hints, notes, retryAfter, violations, fact);
  }

  public Refusal retryAfter(Duration delay) {
    return new Refusal(reason, expected, seen, hints, notes, delay, violations, clue);
  }
}
