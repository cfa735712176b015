package dev.tokenbroker.base.text;

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
    // Only a band along the diagonal can lead to a distance within the limit; beside it is "many".
    int[] before = new int[other.length() + 2];
    int[] next = new int[other.length() + 2];
    Arrays.fill(before, many);
    for (int at = 0; at <= Math.min(limit, other.length()); at++) {
      before[at] = at;
    }
    Arrays.fill(next, many);
    for (int row = 1; row <= one.length(); row++) {
      int first = Math.max(0, row - limit);
      int last = Math.min(other.length(), row + limit);
      int least = many;
      if (first > 0) {
        next[first - 1] = many;
      }
      for (int at = first; at <= last; at++) {
        int changed = 1 + before[at];
        if (at > 0) {
          int replaced = before[at - 1] + (one.charAt(row - 1) == other.charAt(at - 1) ? 0 : 1);
          changed = Math.min(changed, Math.min(replaced, 1 + next[at - 1]));
        }
        next[at] = Math.min(many, changed);
        least = Math.min(least, next[at]);
      }
      next[last + 1] = many;
      if (least == many) {
        return many;
      }
      int[] spare = before;
      before = next;
      next = spare;
    }
    return before[other.length()];
  }
}
