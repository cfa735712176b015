package dev.tokenbroker.federation;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that an author probably meant. */
final class Spelling {

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
        .filter(word -> word.length() <= MAX_CHARS && distance(key, plain(word)) <= most)
        .min(
            Comparator.<String>comparingInt(word -> distance(key, plain(word)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** "Did you mean 'x'?", or else the given sentence. */
  static String remedy(String written, Collection<String> words, String otherwise) {
    return closest(written, words).map(word -> "Did you mean '" + word + "'?").orElse(otherwise);
  }

  private static String plain(String word) {
    return word.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }

  /** The Levenshtein distance, in one row. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
