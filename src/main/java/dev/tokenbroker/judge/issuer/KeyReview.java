package dev.tokenbroker.judge.issuer;

import java.util.List;

/**
 * What a key source found when it looked again at a name, since a signature failed under it.
 *
 * @param replaced whether the name now has other keys than those used
 * @param hints evidence for operators, most likely first
 */
public record KeyReview(boolean replaced, List<String> hints) {

  /** The review of a source that has nothing else to offer. */
  public static final KeyReview NOTHING = new KeyReview(false, List.of());
}
