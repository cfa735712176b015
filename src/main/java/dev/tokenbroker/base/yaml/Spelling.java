package dev.tokenbroker.base.yaml;

import dev.tokenbroker.base.text.EditDistance;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that an author probably meant. */
public final class Spelling {

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
            word -> word.length() <= MAX_CHARS && EditDistance.upTo(most, key, plain(word)) <= most)
        .min(
            Comparator.<String>comparingInt(word -> EditDistance.upTo(most, key, plain(word)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** "Did you mean 'x'?", or else the given sentence. */
  public static String remedy(String written, Collection<String> words, String otherwise) {
    return closest(written, words).map(word -> "Did you mean '" + word + "'?").orElse(otherwise);
  }

  private static String plain(String word) {
    return word.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
