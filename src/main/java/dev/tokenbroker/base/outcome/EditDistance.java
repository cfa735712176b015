package dev.tokenbroker.base.outcome;

import java.util.Arrays;

/**
 * The number of characters that must be added, removed or replaced to make one text another
 * (Levenshtein).
 *
 * <p>Texts may come from unverified credentials, so the cost is bounded: linear in their length
 * times the limit, since no larger distance is counted.
 */
public final class EditDistance {

  private EditDistance() {}

  /** The distance; {@code limit + 1} for any that is larger than the limit. */
  public static int upTo(int limit, String one, String other) {
    int many = limit + 1;
    if (Math.abs(one.length() - other.length()) > limit) {
      return many;
    }
    int[] before = new int[other.length() + 1];
    for (int at = 0; at <= other.length(); at++) {
      before[at] = Math.min(at, many);
    }
    for (int row = 1; row <= one.length(); row++) {
      int[] next = new int[other.length() + 1];
      Arrays.fill(next, many);
      next[0] = Math.min(row, many);
      // Only a band along the diagonal can lead to a distance within the limit.
      int last = Math.min(other.length(), row + limit);
      for (int at = Math.max(1, row - limit); at <= last; at++) {
        int replaced = before[at - 1] + (one.charAt(row - 1) == other.charAt(at - 1) ? 0 : 1);
        next[at] = Math.min(many, Math.min(replaced, 1 + Math.min(before[at], next[at - 1])));
      }
      before = next;
    }
    return before[other.length()];
  }
}
