package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.outcome.Resource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words the commonest errors of CEL's parser and type checker for authors of a document. CEL gives
 * these errors no code, so their texts are read; a text of another form stays as it is.
 */
final class CelMistakes {

  /**
   * Our words by the form of CEL's message, of which the first that fits counts, or by its type.
   */
  private static final Map<String, String> WORDS = new LinkedHashMap<>();

  /** In our words: the types that this group of the form has found. */
  private static final Pattern TYPES = Pattern.compile("<\\$(\\d)>");

  private static final Pattern TYPE = Pattern.compile("(\\w+)(\\([^()]*\\))?(, )?");

  static {
    Resource.text(CelMistakes.class, "cel-mistakes.txt")
        .lines()
        .map(line -> line.split(" => ", 2))
        .forEach(row -> WORDS.put(row[0], row[1]));
  }

  private CelMistakes() {}

  static String plain(String message) {
    for (Map.Entry<String, String> known : WORDS.entrySet()) {
      Matcher form = Pattern.compile(known.getKey(), Pattern.DOTALL).matcher(message);
      if (form.matches()) {
        return form.replaceFirst(
            TYPES
                .matcher(known.getValue())
                .replaceAll(types -> quoted(named(form.group(Integer.parseInt(types.group(1)))))));
      }
    }
    return message;
  }

  /** Twice, for two replacements. */
  private static String quoted(String words) {
    return Matcher.quoteReplacement(Matcher.quoteReplacement(words));
  }

  private static String named(String types) {
    return TYPE.matcher(types)
        .replaceAll(
            type ->
                Matcher.quoteReplacement(
                    WORDS.getOrDefault(type.group(1), type.group(1))
                        + (type.group(3) == null ? "" : " and ")));
  }
}
