package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
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

  /** The text for each reason without an id, not cut: a refusal under overload must be cheap. */
  private static final Map<RefusalReason, String> WHOLE =
      new EnumMap<>(
          Arrays.stream(RefusalReason.values())
              .collect(
                  Collectors.toMap(
                      Function.identity(),
                      reason -> whole(reason, reason.meaning() + " " + reason.remedy()))));

  private RefusalText() {}

  /** The text of a refusal without a verdict: what the reason means, and the remedy. */
  public static String of(RefusalReason reason) {
    return cut(Objects.requireNonNull(WHOLE.get(reason)), "");
  }

  /** The text of a refusal with a verdict: what the reason means, and the remedy. */
  public static String of(RefusalReason reason, String verdictId) {
    return cut(Objects.requireNonNull(WHOLE.get(reason)), end(verdictId));
  }

  /** The text of a refusal without a verdict: what the reason means, what came, and the remedy. */
  public static String ofCaller(Refusal refusal) {
    RefusalReason reason = refusal.reason();
    String told = refusal.told();
    return told.isEmpty()
        ? of(reason)
        : explained(reason, reason.meaning() + " " + told + reason.remedy());
  }

  /**
   * The text of a refusal without a verdict.
   *
   * @param explanation sentences in place of the meaning and the remedy; must not quote the request
   */
  public static String explained(RefusalReason reason, String explanation) {
    return cut(whole(reason, explanation), "");
  }

  /** The same for a refusal with a verdict. */
  public static String explained(RefusalReason reason, String explanation, String verdictId) {
    return cut(whole(reason, explanation), end(verdictId));
  }

  private static String whole(RefusalReason reason, String explanation) {
    return reason.name() + ": " + printable(explanation);
  }

  private static String end(String verdictId) {
    return " (verdict " + verdictId + ")";
  }

  private static String cut(String text, String end) {
    int most = MAX_CHARS - end.length();
    if (text.length() <= most) {
      return text + end;
    }
    int room = most - CUT.length();
    int space = text.lastIndexOf(' ', room);
    return text.substring(0, room - space < MAX_WORD ? space : room) + CUT + end;
  }

  private static String printable(String text) {
    StringBuilder allowed = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      allowed.append(c == '"' || c == '\\' ? '\'' : c < ' ' || c > '~' ? '?' : c);
    }
    return allowed.toString();
  }
}
