package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.outcome.EditDistance;

/**
 * How alike two identifiers are: what they share at both ends, and how many characters differ.
 *
 * <p>Identifiers come from unverified credentials, so only a difference of at most {@value
 * #MAX_EDITS} characters is counted.
 *
 * @param shared the characters that both have in common at their ends
 * @param edits the characters to insert, delete or replace; {@link #MANY} for more than {@value
 *     #MAX_EDITS}
 */
record Likeness(int shared, int edits) {

  static final int MAX_EDITS = 2;
  static final int MANY = MAX_EDITS + 1;

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
    return new Likeness(prefix + suffix, EditDistance.upTo(MAX_EDITS, oneRest, otherRest));
  }

  boolean isNear() {
    return edits <= MAX_EDITS;
  }
}
