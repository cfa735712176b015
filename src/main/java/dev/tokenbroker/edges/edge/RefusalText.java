package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes the text of a refusal for both edges: gRPC status messages, {@code error_description} and
 * problem details. Many clients show nothing else, so it begins with the reason and ends with the
 * verdict's id.
 *
 * <p>The text has at most {@value #MAX_CHARS} characters, all of them allowed by RFC 6749 section
 * 5.2. A longer text is cut between the reason and the id.
 */
public final class RefusalText {

  /** The longest text. */
  public static final int MAX_CHARS = 256;

  private static final String CUT = "...";

  /** A longer word is cut, too. */
  private static final int MAX_WORD = 32;

  private static final int MAX_SENTENCES = 8;

  /** The text for each reason without an id, not cut: a refusal under overload must be cheap. */
  private static final Map<RefusalReason, String> WHOLE =
      new EnumMap<>(
          Arrays.stream(RefusalReason.values())
              .collect(
                  Collectors.toMap(
                      Function.identity(),
                      reason -> whole(reason, reason.meaning() + " " + reason.remedy()))));

  private RefusalText() {}

  /** The text of a refusal without evidence or verdict. */
  public static String of(RefusalReason reason) {
    return of(Refusal.of(reason), "");
  }

  /** {@link #of(Refusal, String, Function)} with the names of the API's fields. */
  public static String of(Refusal refusal, String verdictId) {
    return of(refusal, verdictId, wrong -> wrong.field() + " " + wrong.description() + ".");
  }

  /**
   * The text of a refusal: what the reason means, and the remedy. Of a malformed request it tells
   * what the broker expects instead of the remedy; without a verdict, also what came.
   *
   * @param verdictId empty if there is no verdict
   * @param sentence about one violation; must not quote the request
   */
  public static String of(
      Refusal refusal, String verdictId, Function<FieldViolation, String> sentence) {
    RefusalReason reason = refusal.reason();
    String told = verdictId.isEmpty() ? refusal.told() : "";
    if (!refusal.violations().isEmpty()) {
      told =
          refusal.violations().stream()
              .limit(MAX_SENTENCES)
              .map(sentence)
              .distinct()
              .collect(Collectors.joining(" "));
    } else if (reason == RefusalReason.REQUEST_INVALID && !refusal.expected().isEmpty()) {
      told = refusal.expected() + ".";
    } else if (!told.isEmpty()) {
      told += reason.remedy();
    }
    return told.isEmpty()
        ? cut(Objects.requireNonNull(WHOLE.get(reason)), verdictId)
        : cut(whole(reason, reason.meaning() + " " + told), verdictId);
  }

  /**
   * The text of a refusal without a verdict.
   *
   * @param explanation sentences in place of the meaning and the remedy; must not quote the request
   */
  public static String explained(RefusalReason reason, String explanation) {
    return cut(whole(reason, explanation), "");
  }

  private static String whole(RefusalReason reason, String explanation) {
    return reason.name() + ": " + printable(explanation);
  }

  private static String cut(String text, String verdictId) {
    String end = verdictId.isEmpty() ? "" : " (verdict " + verdictId + ")";
    int most = MAX_CHARS - end.length();
    if (text.length() <= most) {
      return text + end;
    }
    int room = most - CUT.length();
    int space = text.lastIndexOf(' ', room);
    return text.substring(0, room - space < MAX_WORD ? space : room) + CUT + end;
  }

  private static String printable(String text) {
    return text.replace('"', '\'').replace('\\', '\'').replaceAll("[^ -~]", "?");
  }
}
