package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value that must be one of a few words.
 *
 * @param <T> the meaning of a word
 */
final class Choice<T> {

  private final String what;
  private final SequencedMap<String, T> options = new LinkedHashMap<>();

  /**
   * @param what the kind of value, without an article: "grant"
   * @param label the word for each value
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

  /** The value, or that one where the key is absent; null where an unknown word is reported. */
  @Nullable T read(Fields fields, String key, T absent, Problems problems) {
    return fields.has(key) ? read(fields, key, problems) : absent;
  }

  /** The value; null where the key is absent, or where an unknown word is reported. */
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
