package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.outcome.EditDistance;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
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

  /** Finds the word that an author probably meant. */
  static final class Spelling {

    private static final int MAX_CHARS = 64;

    private Spelling() {}

    /** The closest word: equal but for case, {@code _} and {@code -}, or at most two edits away. */
    static Optional<String> closest(String written, Collection<String> words) {
      String key = plain(written);
      if (key.length() > MAX_CHARS) {
        return Optional.empty();
      }
      int most = key.length() <= 3 ? 1 : 2;
      return words.stream()
          .filter(
              word ->
                  word.length() <= MAX_CHARS && EditDistance.upTo(most, key, plain(word)) <= most)
          .min(
              Comparator.<String>comparingInt(word -> EditDistance.upTo(most, key, plain(word)))
                  .thenComparing(Comparator.naturalOrder()));
    }

    /** "Did you mean 'x'?", or else the given sentence. */
    static String remedy(String written, Collection<String> words, String otherwise) {
      return closest(written, words).map(word -> "Did you mean '" + word + "'?").orElse(otherwise);
    }

    private static String plain(String word) {
      return word.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }
  }
}
