package dev.tokenbroker.issuer;

import java.util.Arrays;

/**
 * How alike two identifiers are: what they share at both ends, and how many characters differ.
 *
 * <p>Identifiers come from unverified credentials, so the cost is bounded: linear in their length,
 * since only a difference of at most {@value #MAX_EDITS} characters is counted.
 *
 * @param shared the characters that both have in common at their ends
 * @param edits the characters to insert, delete or replace; {@link #MANY} for more than {@value
 *     #MAX_EDITS}
 */
record Likeness(int shared, int edits) {

  static final int MAX_EDITS = 2;
  static final int MANY = Integer.MAX_VALUE;

  static Likeness of(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    int prefix = 0;
    while (prefix < shorter && one.charAt(prefix) == other.charAt(prefix)) {
      prefix++;
    }
    int suffix = 0;
    while (suffix < shorter - prefix
        && one.charAt(one.length() - 1 - suffix) == other.charAt(other.length() - 1 - suffix)) {
      suffix++;
    }
    String oneRest = one.substring(prefix, one.length() - suffix);
    String otherRest = other.substring(prefix, other.length() - suffix);
    return new Likeness(prefix + suffix, edits(oneRest, otherRest));
  }

  boolean isNear() {
    return edits <= MAX_EDITS;
  }

  /** Levenshtein distance, in the band of the matrix that leads to at most the limit. */
  private static int edits(String one, String other) {
    if (Math.abs(one.length() - other.length()) > MAX_EDITS) {
      return MANY;
    }
    int[] before = new int[other.length() + 1];
    for (int at = 0; at <= other.length(); at++) {
      before[at] = at;
    }
    for (int row = 1; row <= one.length(); row++) {
      int[] next = new int[other.length() + 1];
      Arrays.fill(next, MAX_EDITS + 1);
      next[0] = row;
      int least = row;
      int from = Math.max(1, row - MAX_EDITS);
      int to = Math.min(other.length(), row + MAX_EDITS);
      for (int at = from; at <= to; at++) {
        int replaced = before[at - 1] + (one.charAt(row - 1) == other.charAt(at - 1) ? 0 : 1);
        next[at] = Math.min(replaced, 1 + Math.min(before[at], next[at - 1]));
        least = Math.min(least, next[at]);
      }
      if (least > MAX_EDITS) {
        return MANY;
      }
      before = next;
    }
    int edits = before[other.length()];
    return edits > MAX_EDITS ? MANY : edits;
  }
}
