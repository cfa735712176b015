package dev.tokenbroker.federation;

import dev.tokenbroker.federation.Yaml.Scalar;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value that must be one of a few words.
 *
 * @param <T> what the words stand for
 */
final class Choice<T> {

  private final String what;
  private final SequencedMap<String, T> options = new LinkedHashMap<>();

  /**
   * @param what one of them, without an article: "grant"
   * @param label the word for each
   */
  Choice(String what, T[] values, Function<T, String> label) {
    this.what = what;
    for (T value : values) {
      options.put(label.apply(value), value);
    }
  }

  /** All words. */
  String words() {
    return String.join(", ", options.keySet());
  }

  /** Null where it is absent, or is none of them, which is reported. */
  @Nullable T read(Fields fields, String key, Problems problems) {
    Scalar word = fields.text(key);
    if (word == null) {
      return null;
    }
    T value = options.get(word.text());
    if (value == null) {
      problems.at(
          word.place(),
          "'" + word.text() + "' is no " + what,
          Spelling.remedy(word.text(), options.keySet(), "Use one of " + words() + "."));
    }
    return value;
  }
}
