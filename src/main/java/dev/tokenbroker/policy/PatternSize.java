package dev.tokenbroker.policy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The most instructions that RE2 makes of a pattern, estimated from its text: compiling a pattern
 * with nested repetitions could fill the memory.
 *
 * <p>The bound follows from how RE2 parses. Each character makes at most one instruction. A
 * parenthesis or a bar may make another: the other end of an empty group, or an empty alternative.
 * A repetition copies what was parsed before it: a group with all that is in it, or else one
 * instruction, of a character, an escape or a class. Flags and {@code \Q\E} around nothing make no
 * instruction, so a repetition after them copies what stands before them. A pattern that RE2
 * refuses may get any size, since it is never compiled.
 *
 * <p>Of a class, only its end matters, since a class that seems to go on hides what follows it. Its
 * elements are not distinguished, with one exception: {@code [:} begins a name where an element
 * begins, but not where it ends a range, as in {@code [!-[:]}. Where that is in doubt, RE2 must not
 * see the pattern.
 */
final class PatternSize {

  /** More than any evaluation may use. */
  static final long LARGEST = 1_000_000;

  /** {@code {n}}, {@code {n,}} and {@code {n,m}}; RE2 accepts no count above 1000. */
  private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,4})(?:,(\\d{0,4}))?}");

  private static final Pattern FLAGS = Pattern.compile("\\(\\?[imsU-]*\\)");
  private static final Pattern IGNORES_CASE = Pattern.compile("\\(\\?[imsU-]*i");
  private static final Pattern BEYOND_LATIN =
      Pattern.compile("[^\\x00-\\x7F]|\\\\x\\{|(?<!\\\\)(?:\\\\\\\\)*+\\\\[0-7]");

  /** The first and the last instruction, and the one of an empty pattern. */
  private static final int ENDS = 3;

  /** Both ends of a group, and the one instruction of an empty one. */
  private static final int GROUP = 3;

  /** The way back and, around a part that may be empty, the way past. */
  private static final int LOOP = 2;

  /** The size of a Unicode class: one instruction, but with a table of hundreds. */
  private static final int UNICODE_CLASS = 100;

  /** The limit for groups, since RE2 parses each group by recursion. */
  private static final int MOST_GROUPS = 250;

  private final String pattern;

  /** Whether RE2 may see the end of a class at another place. */
  private boolean doubtful;

  /** The sizes of the open groups, except the innermost. */
  private final Deque<Long> outer = new ArrayDeque<>();

  /** The size of the innermost open group. */
  private long size = ENDS;

  /** The size of the part that a repetition would copy. */
  private long last;

  private int at;

  private PatternSize(String pattern) {
    this.pattern = pattern;
  }

  /** The bound; {@link #LARGEST} stands for every larger one. */
  static long most(String pattern) {
    return danger(pattern) == null ? new PatternSize(pattern).read() : LARGEST;
  }

  /** Why RE2 must not see a pattern, regardless of its size; null where it may. */
  static @Nullable String danger(String pattern) {
    if (foldsTooMuch(pattern)) {
      return "a regular expression that ignores case must be ASCII, without \\x{…} and octal escapes,"
          + " since RE2 may hang: write both cases of each ([Üü]) instead of (?i)";
    }
    if (pattern.chars().filter(here -> here == '(').count() > MOST_GROUPS) {
      return "the regular expression has more than " + MOST_GROUPS + " groups";
    }
    PatternSize reading = new PatternSize(pattern);
    long _ = reading.read();
    return reading.doubtful
        ? "the regular expression has a class in which -[: may be the end of a range or the beginning"
            + " of a name: write \\[ for the character, and - first in the class or as \\-"
        : null;
  }

  /**
   * Whether case folding in RE2 could hang or take too long. RE2 for Java walks all cases of a
   * character in a circle. For some (U+1C80) the circle does not close, since its tables are older
   * than the JDK's, and the walk never ends. It also does this for each character of a range, and
   * octal escapes reach up to 512 in few characters of the pattern: {@code \0-\777}.
   */
  private static boolean foldsTooMuch(String pattern) {
    return IGNORES_CASE.matcher(pattern).find() && BEYOND_LATIN.matcher(pattern).find();
  }

  private long read() {
    while (at < pattern.length() && size < LARGEST) {
      switch (pattern.charAt(at)) {
        case '(' -> open();
        case ')' -> close();
        case '|' -> {
          size++;
          skipTo(at + 1);
        }
        case '*', '+', '?' -> {
          grow(last + LOOP);
          skipTo(at + 1);
        }
        case '{' -> repeat();
        case '[' -> one(endOfClass());
        case '\\' -> escape();
        default -> one(at + 1);
      }
    }
    return Math.min(size, LARGEST);
  }

  private void open() {
    Matcher flags = FLAGS.matcher(pattern).region(at, pattern.length());
    if (flags.lookingAt()) {
      skipTo(flags.end());
      return;
    }
    outer.push(size);
    size = GROUP;
    last = 0;
    at++;
  }

  private void close() {
    at++;
    if (!outer.isEmpty()) {
      last = size;
      size += outer.pop();
    }
  }

  private void repeat() {
    Matcher repetition = REPETITION.matcher(pattern).region(at, pattern.length());
    if (!repetition.lookingAt()) {
      one(at + 1); // only a brace
      return;
    }
    int least = Integer.parseInt(repetition.group(1));
    String upper = repetition.group(2);
    int most = upper == null || upper.isEmpty() ? least : Integer.parseInt(upper);
    // Each optional copy takes one more.
    grow(last * Math.max(1, Math.max(least, most)) + Math.max(0, most - least) + LOOP);
    skipTo(repetition.end());
  }

  /** Replaces the size of the last parsed part. */
  private void grow(long grown) {
    size += grown - last;
    last = grown;
  }

  private int endOfClass() {
    int end = at + (pattern.startsWith("[^", at) ? 2 : 1);
    int first = end;
    int begins = end; // certainly an element
    int before = end;
    while (end < pattern.length() && (end == first || pattern.charAt(end) != ']')) {
      int named = pattern.startsWith("[:", end) ? pattern.indexOf(":]", end) : -1;
      if (named >= 0 && before > begins && pattern.charAt(before) == '-') {
        doubtful = true;
        size = LARGEST;
      }
      before = end;
      if (named >= 0) {
        end = named + 2;
        begins = end;
      } else {
        size += isUnicodeClass(end) ? UNICODE_CLASS : 0;
        end += pattern.charAt(end) == '\\' ? 2 : 1;
      }
    }
    return Math.min(end + 1, pattern.length());
  }

  private boolean isUnicodeClass(int start) {
    return pattern.regionMatches(true, start, "\\p", 0, 2);
  }

  private void escape() {
    if (pattern.startsWith("\\Q", at)) {
      int end = pattern.indexOf("\\E", at + 2);
      int quoted = (end < 0 ? pattern.length() : end) - (at + 2);
      last = quoted == 0 ? last : 1;
      skipTo(end < 0 ? pattern.length() : end + 2);
      return;
    }
    boolean ofUnicode = isUnicodeClass(at);
    size += ofUnicode ? UNICODE_CLASS : 0;
    boolean braced =
        (ofUnicode || pattern.startsWith("x", at + 1)) && pattern.startsWith("{", at + 2);
    int end = braced ? pattern.indexOf('}', at) + 1 : at + 2;
    one(end == 0 ? pattern.length() : Math.min(end, pattern.length()));
  }

  /** Counts a part that makes one instruction. */
  private void one(int end) {
    last = 1;
    skipTo(end);
  }

  /** Counts one instruction for each character, though one for all would often do. */
  private void skipTo(int end) {
    size += end - at;
    at = end;
  }
}
