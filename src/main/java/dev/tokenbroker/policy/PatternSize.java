package dev.tokenbroker.policy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many instructions RE2 makes of a pattern, at most: told from its text, since making them to
 * see is what nested repetitions fill the memory with.
 *
 * <p>The bound follows from how RE2 parses. Each character makes one instruction at most, a
 * parenthesis or a bar another: the other end of a group that is empty, an empty alternative. A
 * repetition copies what was parsed before it. That is one instruction where the token before it is
 * a character, an escape or a class, and only those end in one of the characters that {@link
 * #REPETITION} trusts; but for {@code \Q…\E}, which makes nothing where it is empty, so that with
 * it none is trusted. Whatever cannot be trusted is taken to copy all that stands before it.
 */
final class PatternSize {

  /** More than any evaluation may have. */
  static final long LARGEST = 1_000_000;

  /**
   * {@code {n}}, {@code {n,}} and {@code {n,m}}, after one instruction where the first group is
   * there; RE2 takes no count past 1000.
   */
  private static final Pattern REPETITION =
      Pattern.compile("([A-Za-z0-9._\\-\\]}])?\\{(\\d{1,4})(?:,(\\d{0,4}))?}");

  private static final String QUOTE = "\\Q";

  private static final Pattern IGNORES_CASE = Pattern.compile("\\(\\?[imsU-]*i");
  private static final Pattern BEYOND_ASCII = Pattern.compile("[^\\x00-\\x7F]|\\\\x\\{");

  /** The first and the last instruction, and the one of an empty pattern. */
  private static final int ENDS = 3;

  /** What a class of Unicode is taken for: one instruction, but with a table of hundreds. */
  private static final int UNICODE_CLASS = 100;

  /** RE2 goes down into each group by recursion. */
  private static final int MOST_GROUPS = 250;

  private PatternSize() {}

  /** The bound; {@link #LARGEST} stands for all that is larger. */
  static long most(String pattern) {
    if (mayNotEnd(pattern)) {
      return LARGEST;
    }
    long size = once(pattern);
    boolean quotes = pattern.contains(QUOTE);
    Matcher repetition = REPETITION.matcher(pattern);
    while (size < LARGEST && repetition.find()) {
      int least = Integer.parseInt(repetition.group(2));
      String upper = repetition.group(3);
      int most = upper == null || upper.isEmpty() ? least : Integer.parseInt(upper);
      // What may be left out takes one more each time.
      size =
          quotes || repetition.group(1) == null
              ? size * Math.max(1, Math.max(least, most))
              : size + Math.max(least, 2 * most - least);
    }
    return Math.min(size, LARGEST);
  }

  /**
   * RE2 for Java looks for all cases of a character in a circle. Those of some (U+1C80) do not
   * close, since its tables are older than the JDK's: it would never come to an end.
   */
  private static boolean mayNotEnd(String pattern) {
    return IGNORES_CASE.matcher(pattern).find() && BEYOND_ASCII.matcher(pattern).find();
  }

  /** Without its repetitions. */
  private static long once(String pattern) {
    long size = pattern.length();
    int groups = 0;
    for (int at = 0; at < pattern.length(); at++) {
      char here = pattern.charAt(at);
      if (here == '(' || here == '|') {
        size++;
        groups += here == '(' ? 1 : 0;
      } else if (here == '\\' && pattern.regionMatches(true, at + 1, "p", 0, 1)) {
        size += UNICODE_CLASS;
      }
    }
    return groups > MOST_GROUPS ? LARGEST : size + ENDS;
  }
}
