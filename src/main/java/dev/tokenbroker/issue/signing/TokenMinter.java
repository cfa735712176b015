package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.judge.policy.Grant;

/**
 * Makes the token that a grant allows. A backend that signs elsewhere is another implementation.
 */
public interface TokenMinter {

  /**
   * The token; or the refusal {@code SIGNING_KEY_UNAVAILABLE}, or {@code CREDENTIAL_EXPIRED} if the
   * credential has expired since it was verified.
   */
  Outcome<IssuedToken> mint(Grant grant);

  /** Whether the minted tokens have this {@code iss}. */
  default boolean isIssuer(String iss) {
    return false;
  }
}
