package dev.tokenbroker.operate.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The structure of a regular expression (RE2), for checks of its bounds. CEL's {@code matches}
 * searches anywhere in the text, so both ends need an anchor.
 *
 * @param alternatives the parts between {@code |} at the top, each without flags
 * @param lines whether the anchors also match at line ends within the text
 */
record PatternShape(List<String> alternatives, boolean lines) {

  private static final Pattern FLAGS = Pattern.compile("^\\(\\?([imsU]+)\\)");
  private static final Pattern OPEN_END = Pattern.compile("(?<!\\\\)\\w\\.[*+]\\??(?:\\$|\\\\z)$");
  private static final Pattern OPEN_START = Pattern.compile("^(?:\\^|\\\\A)\\.[*+]\\??\\w");

  static PatternShape of(String pattern) {
    Matcher flags = FLAGS.matcher(pattern);
    boolean flagged = flags.find();
    return new PatternShape(
        split(flagged ? pattern.substring(flags.end()) : pattern),
        flagged && flags.group(1).contains("m"));
  }

  boolean isAnchored() {
    return !lines && alternatives.stream().allMatch(PatternShape::isAnchored);
  }

  /** Whether an alternative begins or ends with a wildcard that follows no separator. */
  boolean isOpenEnded() {
    return alternatives.stream()
        .anyMatch(one -> OPEN_END.matcher(one).find() || OPEN_START.matcher(one).find());
  }

  /** Whether a dot between letters or digits matches any character. */
  boolean hasLooseDot() {
    return alternatives.stream().anyMatch(PatternShape::hasLooseDot);
  }

  private static boolean isAnchored(String alternative) {
    if (isGroup(alternative)) {
      String inner = alternative.substring(alternative.startsWith("(?:") ? 3 : 1);
      return split(inner.substring(0, inner.length() - 1)).stream()
          .allMatch(PatternShape::isAnchored);
    }
    int[] depths = depths(alternative);
    int last = alternative.length() - 1;
    boolean begins = alternative.startsWith("^") || alternative.startsWith("\\A");
    boolean ends =
        (alternative.endsWith("$") && depths[last] >= 0)
            || (alternative.endsWith("\\z") && depths[last - 1] >= 0);
    return begins && ends;
  }

  private static boolean hasLooseDot(String pattern) {
    int[] depths = depths(pattern);
    return IntStream.range(1, depths.length - 1)
        .anyMatch(
            at ->
                pattern.charAt(at) == '.'
                    && depths[at] >= 0
                    && depths[at - 1] >= 0
                    && Character.isLetterOrDigit(pattern.charAt(at - 1))
                    && Character.isLetterOrDigit(pattern.charAt(at + 1)));
  }

  /** Whether one pair of parentheses encloses the whole pattern. */
  private static boolean isGroup(String pattern) {
    if (!pattern.startsWith("(") || (pattern.startsWith("(?") && !pattern.startsWith("(?:"))) {
      return false;
    }
    int[] depths = depths(pattern);
    return IntStream.range(1, depths.length).filter(at -> depths[at] == 0).findFirst().orElse(0)
        == depths.length - 1;
  }

  private static List<String> split(String pattern) {
    int[] depths = depths(pattern);
    List<String> parts = new ArrayList<>();
    int begin = 0;
    for (int at = 0; at < depths.length; at++) {
      if (pattern.charAt(at) == '|' && depths[at] == 0) {
        parts.add(pattern.substring(begin, at));
        begin = at + 1;
      }
    }
    parts.add(pattern.substring(begin));
    return List.copyOf(parts);
  }

  /**
   * Counts the open groups around each character; for a parenthesis, around its group. The count is
   * −1 for characters in classes and for escaped characters.
   */
  private static int[] depths(String pattern) {
    int[] depths = new int[pattern.length()];
    int depth = 0;
    boolean inClass = false;
    for (int at = 0; at < depths.length; at++) {
      char c = pattern.charAt(at);
      if (!inClass && c == ')') {
        depth--;
      }
      depths[at] = inClass ? -1 : depth;
      if (c == '\\' && at + 1 < depths.length) {
        depths[++at] = -1;
      } else if (inClass || c == '[') {
        inClass = c != ']';
      } else if (c == '(') {
        depth++;
      }
    }
    return depths;
  }
}
