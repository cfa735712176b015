package dev.tokenbroker.judge.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text of a target that stands for one value of an identity: {@code ${subject}}, {@code
 * ${claims.repository.id}} or {@code ${claims["kubernetes.io"].namespace}}. It is the whole text,
 * so that no value is ever joined to other text.
 *
 * @param text as the document has it
 * @param path the names from the outermost claim, at most {@value #MAX_NAMES}; empty for the
 *     subject
 */
public record WholeValue(String text, List<String> path) {

  /** A text with a value in it, whole or not. */
  private static final Pattern MEANT = Pattern.compile("\\$\\{(subject|claims)\\b");

  /** The most names in a path: many more would overflow the stack of the pattern. */
  private static final int MAX_NAMES = 16;

  private static final String STEP = "\\.([A-Za-z_]\\w*)|\\[\"([^\"\\\\\\]]+)\"]";
  private static final Pattern NEXT = Pattern.compile(STEP);
  private static final Pattern WHOLE =
      Pattern.compile("\\$\\{(?:subject|claims((?:" + STEP + "){1," + MAX_NAMES + "}))}");

  public WholeValue {
    path = List.copyOf(path);
  }

  /** The value that the text stands for; empty where it is a text of its own. */
  public static Optional<WholeValue> of(String text) {
    Matcher whole = WHOLE.matcher(text);
    if (!whole.matches()) {
      return Optional.empty();
    }
    List<String> path = new ArrayList<>();
    if (whole.group(1) != null) {
      NEXT.matcher(whole.group(1))
          .results()
          .forEach(step -> path.add(step.group(1) == null ? step.group(2) : step.group(1)));
    }
    return Optional.of(new WholeValue(text, path));
  }

  /** Whether the text holds a value together with other text, or one that is not well-formed. */
  public static boolean isJoined(String text) {
    return MEANT.matcher(text).find() && of(text).isEmpty();
  }

  /** The value as text; null where the identity lacks it, or it is no text. */
  public @Nullable String in(Facts facts, String subject) {
    Object value = path.isEmpty() ? subject : facts.claims();
    for (String name : path) {
      value = value instanceof Map<?, ?> members ? members.get(name) : null;
    }
    return value instanceof String found && !found.isEmpty() ? found : null;
  }
}
