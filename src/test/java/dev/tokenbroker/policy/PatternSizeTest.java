package dev.tokenbroker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternSizeTest {

  private static final long SEED = 20261124;
  private static final int DRAWS = 40_000;
  private static final int MOST_PARTS = 14;
  private static final int MOST_COUNTS = 3;
  private static final int MOST_IN_CLASS = 6;

  /**
   * One instruction each, if any: two letters only, so that alternatives have prefixes in common.
   */
  private static final String[] PLAIN = {
    "a",
    "b",
    "ab",
    ".",
    "[ab]",
    "[^a]",
    "[]{2}]",
    "\\d",
    "\\pN",
    "\\p{L}",
    "\\.",
    "\\)",
    "\\x{41}",
    "\\\\",
    "^",
    "$",
    "\\b",
    "\\z",
    "{",
    "}",
    "é",
    "x{",
    "[[:alpha:]]",
    "[[:]",
    "[\\]{9}]",
    "[(]",
    "[!-[:]",
    "[]-a]",
    "[^]-a]",
    "[a-]",
    "[[:^alpha:]]",
    "[[:foo:]]",
    "[-[:alnum:]]",
    "[[:alpha:]-[:digit:]]",
    "[\\d-[:alpha:]]",
    "[\\Qa]\\E]",
    "[\\pL\\P{N}]",
    "(?i)",
    "(?-i)",
    "\\Q\\E",
    "\\Qab\\E",
    "\\Q{2}\\E",
    "\\Q)\\E",
    "\\Q[\\E",
    "\\Q]\\E"
  };

  /** What classes are drawn of: above all, what may be taken for an end or a beginning. */
  private static final String[] IN_CLASS = {
    "a",
    "z",
    "!",
    "~",
    "-",
    "-",
    "-",
    "[",
    "[",
    "]",
    ":",
    ":",
    "[:",
    ":]",
    "[:alpha:]",
    "[:^digit:]",
    "^",
    "{2}",
    "(",
    "\\]",
    "\\[",
    "\\-",
    "\\^",
    "\\\\",
    "\\d",
    "\\W",
    "\\n",
    "\\x5b",
    "\\x{5d}",
    "\\135",
    "\\pL",
    "\\p{Nd}",
    "\\Q",
    "\\E",
    "é"
  };

  private static final String[] OPENING = {"(", "(?:", "(?i:", "()", "(?:)", "(|", "|", "||"};
  private static final String[] OPERATORS = {"*", "+", "?", "*?", "{0}", "{0,}", "{1}", "{,2}"};

  @Test
  void is_never_smaller_than_what_is_compiled() {
    Drawn drawn = heldAgainstRe2(PatternSizeTest::pattern);

    assertThat(drawn.compiled()).isGreaterThan(DRAWS / 4);
    assertThat(drawn.told()).isGreaterThan(DRAWS / 5);
  }

  /** One class that repeats and then another thing, so that one which seems to go on hides both. */
  @Test
  void is_never_smaller_whatever_a_class_consists_of() {
    Drawn drawn =
        heldAgainstRe2(
            random -> charClass(random) + "{30}" + IN_CLASS[random.nextInt(IN_CLASS.length)] + "]");

    assertThat(drawn.compiled()).isGreaterThan(DRAWS / 4);
    assertThat(drawn.told()).isGreaterThan(drawn.compiled() * 9 / 10);
  }

  /**
   * @param compiled how many RE2 takes
   * @param told how many of those may be seen by it
   */
  private record Drawn(int compiled, int told) {}

  private static Drawn heldAgainstRe2(Function<Random, String> drawing) {
    Random random = new Random(SEED);
    int compiled = 0;
    int told = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      String pattern = drawing.apply(random);
      OptionalInt instructions = instructions(pattern);
      if (instructions.isPresent()) {
        compiled++;
        long most = PatternSize.most(pattern);
        told += most < PatternSize.LARGEST ? 1 : 0;
        assertThat(most)
            .as("%s (seed %d)", pattern, SEED)
            .isGreaterThanOrEqualTo(Math.min(instructions.getAsInt(), PatternSize.LARGEST));
      }
    }
    return new Drawn(compiled, told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[!-[:]{30}", "[a-z-[:digit:]]", "[\\d-[:alpha:]]", "[^--[:]x:]"})
  void is_the_largest_where_a_class_may_end_elsewhere(String pattern) {
    assertThat(PatternSize.most(pattern)).isEqualTo(PatternSize.LARGEST);
  }

  /** RE2 would look for the cases of hundreds of characters, for each seven that say so. */
  @ParameterizedTest
  @ValueSource(strings = {"(?i)[\\0-\\777]", "(?si:[A-\\400])", "(?i)\\101", "[\\0-\\777](?i)"})
  void is_the_largest_where_octal_escapes_stand_with_ignored_case(String pattern) {
    assertThat(PatternSize.most(pattern)).isEqualTo(PatternSize.LARGEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[\\0-\\777]", "(?i)[\\x00-\\xff]", "(?i)\\W", "(?i)corp\\\\1st"})
  void is_not_the_largest_for_other_escapes(String pattern) {
    assertThat(PatternSize.most(pattern)).isLessThan(100);
  }

  @Test
  void counts_each_class_of_unicode_for_its_table() {
    assertThat(PatternSize.most("[\\pL\\P{Nd}]\\pN")).isGreaterThan(300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "()",
        "(|a||b|)",
        "a||b||c||d",
        "a{0,30}",
        "a{0,30}?",
        "(a{0,30}){2,30}",
        "(?:a|){0,30}",
        "a{30}\\Q\\E{30}",
        "a{30}(?i){30}",
        "\\x{41}{30}",
        "(?:ab){30}\\Q\\E{30}",
        "[[:alpha:]()]{30}(?:[]a](b){30}){30}",
        "[!-[:]{30}",
        "(?:[!-[:]{30}){30}",
        "[!-[:]{30}[:]{30}",
        "[^!-[:]{30}:]{30}",
      })
  void is_never_smaller_for_what_is_short(String pattern) {
    assertThat(PatternSize.most(pattern))
        .isGreaterThanOrEqualTo(instructions(pattern).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "[0-9]{1,3}(\\.[0-9]{1,3}){3} 200",
        "[a-z0-9-]{1,63}\\.example\\.com 200",
        "^[a-z]{1,63}/[a-z]{1,63}/\\d{1,9}$ 400",
        "\\p{L}{1,30}-\\p{L}{1,30} 400",
        "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ 300",
        "(?i)^acme/(web|api)-[a-z]{2,10}$ 100",
        "^Grüße/(.+)$ 20",
        "[-[:alnum:]]{1,63}/[^-[:alnum:]]{1,63} 300",
        "[[:alpha:]-[:digit:]]{1,63}/[_\\-[:digit:]]{1,63}/[[:alpha:]_-]{1,63} 500",
        "[\\p{L}\\p{N}_-]{1,63} 400",
        "^([a-z]+-){1,50}([a-z]+[.]){1,50}([a-z]+/){1,50}([a-z]+_){1,50}$ 3000",
        "^\\Qacme/\\E[a-z0-9-]{1,63}/[a-z]{1,63}/[a-z]{1,63}/[a-z]{1,63}$ 600",
      })
  void leaves_room_for_usual_patterns(String pattern, int most) {
    assertThat(PatternSize.most(pattern)).isLessThan(most);
  }

  private static String pattern(Random random) {
    StringBuilder pattern = new StringBuilder();
    int counts = 0;
    int open = 0;
    for (int parts = random.nextInt(MOST_PARTS); parts >= 0; parts--) {
      String part =
          switch (random.nextInt(9)) {
            case 0 -> open > 0 ? ")" : "a";
            case 1 -> OPENING[random.nextInt(OPENING.length)];
            case 2 -> OPERATORS[random.nextInt(OPERATORS.length)];
            case 3, 4 -> counts++ < MOST_COUNTS ? count(random) : "b";
            case 5 -> charClass(random);
            default -> PLAIN[random.nextInt(PLAIN.length)];
          };
      open += part.startsWith("(") && !part.endsWith(")") ? 1 : part.equals(")") ? -1 : 0;
      pattern.append(part);
    }
    return pattern.append(")".repeat(open)).toString();
  }

  private static String charClass(Random random) {
    StringBuilder drawn = new StringBuilder(random.nextInt(4) == 0 ? "[^" : "[");
    for (int parts = random.nextInt(MOST_IN_CLASS); parts >= 0; parts--) {
      drawn.append(IN_CLASS[random.nextInt(IN_CLASS.length)]);
    }
    return drawn.append(']').toString();
  }

  private static String count(Random random) {
    int least = random.nextInt(31);
    return switch (random.nextInt(3)) {
      case 0 -> "{" + least + "}";
      case 1 -> "{" + least + ",}";
      default -> "{" + least + "," + (least + random.nextInt(31 - least)) + "}";
    };
  }

  private static OptionalInt instructions(String pattern) {
    try {
      return OptionalInt.of(Pattern.compile(pattern).programSize());
    } catch (PatternSyntaxException _) {
      return OptionalInt.empty();
    }
  }
}
