package dev.tokenbroker.changes.shape;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a claim: its JSON type, and for a text its template. It contains no value.
 *
 * @param isText whether the claim is a text
 * @param label the template of a text; otherwise the type, such as {@code list of numbers}
 */
record ClaimShape(boolean isText, String label) {

  private static final ClaimShape MISSING = new ClaimShape(false, "missing");

  /** The shape of all texts of a claim that has too many templates. */
  static final ClaimShape FREE_FORM = new ClaimShape(true, "text of free form");

  private static final String LIST = "list of ";
  private static final ClaimShape EMPTY_LIST = new ClaimShape(false, "empty list");

  /** A mask, a separator or a word. */
  private static final Pattern TOKEN = Pattern.compile("<[a-z]+>|[^<:/@|]+|[:/@|]");

  private static final Set<String> SEPARATORS = Set.of(":", "/", "@", "|");

  /**
   * The shape of a claim.
   *
   * @param name the name of the claim
   * @param value null if the credential does not have it
   */
  static ClaimShape of(String name, @Nullable Object value) {
    return switch (value) {
      case null -> MISSING;
      case String text -> new ClaimShape(true, ClaimTemplate.of(name, text));
      case List<?> list when list.isEmpty() -> EMPTY_LIST;
      case List<?> list -> new ClaimShape(false, LIST + elements(list));
      default -> new ClaimShape(false, type(value));
    };
  }

  private static String elements(List<?> list) {
    Set<String> types = list.stream().map(ClaimShape::type).collect(Collectors.toSet());
    return types.size() == 1 ? types.iterator().next() + 's' : "values of several types";
  }

  private static String type(Object value) {
    return switch (value) {
      case String _ -> "text";
      case Number _ -> "number";
      case Boolean _ -> "boolean";
      case List<?> _ -> "list";
      case Map<?, ?> _ -> "object";
      default -> "value";
    };
  }

  boolean isMissing() {
    return equals(MISSING);
  }

  /** Whether both are texts, or of the same other type. */
  boolean isOfTypeOf(ClaimShape other) {
    return isText ? other.isText : equals(other);
  }

  /**
   * Whether a claim of the other shape is nothing new. A name may consist of digits or be a word,
   * unless it is the whole claim. A list may be empty.
   */
  boolean covers(ClaimShape other) {
    if (equals(other) || (equals(FREE_FORM) && other.isText)) {
      return true;
    }
    if (!isText || !other.isText) {
      return other.equals(EMPTY_LIST) && label.startsWith(LIST);
    }
    List<String> mine = tokens();
    List<String> others = other.tokens();
    if (mine.size() != others.size() || mine.size() == 1) {
      return false;
    }
    for (int at = 0; at < mine.size(); at++) {
      boolean same = mine.get(at).equals(others.get(at));
      boolean wider = mine.get(at).equals(ValueMask.NAME) && !SEPARATORS.contains(others.get(at));
      if (!same && !wider) {
        return false;
      }
    }
    return true;
  }

  /** The part of a former shape that this one replaces, and the part that takes its place. */
  String differenceFrom(ClaimShape former) {
    List<String> was = former.tokens();
    List<String> is = tokens();
    int shorter = Math.min(was.size(), is.size());
    int begin = 0;
    while (begin < shorter && was.get(begin).equals(is.get(begin))) {
      begin++;
    }
    int end = 0;
    while (end < shorter - begin
        && was.get(was.size() - 1 - end).equals(is.get(is.size() - 1 - end))) {
      end++;
    }
    return String.join("", was.subList(begin, was.size() - end))
        + " -> "
        + String.join("", is.subList(begin, is.size() - end));
  }

  private List<String> tokens() {
    return isText
        ? TOKEN.matcher(label).results().map(MatchResult::group).toList()
        : List.of(label);
  }
}
