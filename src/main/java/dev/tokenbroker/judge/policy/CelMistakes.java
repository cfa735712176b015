package dev.tokenbroker.judge.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words the commonest errors of CEL's parser and type checker for authors of a document. CEL gives
 * these errors no code, so their texts are read; a text of another form stays as it is.
 */
final class CelMistakes {

  private static final Map<Pattern, String> WORDS = new LinkedHashMap<>();
  private static final Pattern TYPES = Pattern.compile("<(.*?)>");
  private static final Pattern TYPE = Pattern.compile("(\\w+)(\\([^()]*\\))?(, )?");
  private static final Map<String, String> NAMES =
      Map.of(
          "string", "a text",
          "bool", "a boolean",
          "bytes", "bytes",
          "timestamp", "a timestamp",
          "duration", "a duration",
          "list", "a list",
          "map", "an object",
          "dyn", "a claim");

  static {
    words("token recognition error at: '=.*'", "'=' is no operator of CEL. Write == to compare");
    words("token recognition error at: '([&|]).*'", "'$1' is no operator of CEL. Write $1$1");
    words("token recognition error at: '([\"'].*)'", "the text $1 has no closing quote");
    words("token recognition error at: '(.+)'", "'$1' is no part of CEL");
    words(".* input 'and'.*", "'and' is no operator of CEL. Write &&");
    words(".* input 'or'.*", "'or' is no operator of CEL. Write ||");
    words(".* input 'not'.*", "'not' is no operator of CEL. Write !");
    words(".*(input|at) '<EOF>'.*", "the expression ends too early");
    words("(?:mismatched|extraneous) input '(.+?)' expecting.*", "'$1' is misplaced");
    words("(?:no viable alternative at input|missing .* at) '(.+)'", "'$1' is misplaced");
    words(
        "undeclared reference to '(.+?)'.*\\(called\\)",
        "there is no function '$1'; CEL's own functions are available");
    words(
        "undeclared reference to '(.+?)'.*",
        "there is no variable '$1'. Write claims.NAME for a claim, quotes for a text");
    words(
        "found no matching overload for '_([!=]=)_' applied to '\\((.+), (.+)\\)' .*",
        "<$2> never equals <$3>. Compare values of one type");
    words(
        "found no matching overload for '_\\?_:_' .*",
        "?: chooses by a boolean between two values of one type");
    words(
        "found no matching overload for '[_@]?(.+?)_?' applied to '\\(?(.*?)\\)?' \\(cand.*",
        "$1 cannot be applied to <$2>");
    words("expected type '(.+?)' but found '(.+?)'.*", "this is <$2>, and must be <$1>");
    words("type '(.+?)' does not support field selection.*", "<$1> has no members");
  }

  private CelMistakes() {}

  private static void words(String message, String words) {
    WORDS.put(Pattern.compile(message, Pattern.DOTALL), words);
  }

  /**
   * @param called whether the mistake is at a call's parenthesis
   */
  static String plain(String message, boolean called) {
    String given = called ? message + "(called)" : message;
    for (Map.Entry<Pattern, String> known : WORDS.entrySet()) {
      Matcher matcher = known.getKey().matcher(given);
      if (matcher.matches()) {
        return TYPES
            .matcher(matcher.replaceFirst(known.getValue()))
            .replaceAll(types -> named(types.group(1)));
      }
    }
    return message;
  }

  private static String named(String types) {
    return TYPE.matcher(types)
        .replaceAll(
            type ->
                NAMES.getOrDefault(type.group(1), "a number")
                    + (type.group(3) == null ? "" : " and "));
  }
}
