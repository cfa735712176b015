package dev.tokenbroker.base.refusal;

import org.jspecify.annotations.Nullable;

/**
 * What a shadow rule would do with a request.
 *
 * @param rule the name of the rule in the federation document
 * @param reason why the rule would refuse the request; null if it would grant it
 */
public record ShadowFinding(String rule, @Nullable RefusalReason reason) {

  /** The result as meters and audit lines show it: "accepted", or the name of the reason. */
  public String result() {
    return reason == null ? "accepted" : reason.name();
  }

  /** The rule and its result as text, for audit lines. */
  public String text() {
    return rule + ": " + result();
  }
}
