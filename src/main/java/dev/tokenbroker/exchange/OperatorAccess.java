package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.token.OperatorTokens;
import jakarta.inject.Singleton;

/**
 * Tells operators from other callers, the same for every edge: they hold a token that this broker
 * minted for the reserved audience {@code token-broker} with the scope {@code operate}; in dev mode
 * whoever calls from this machine is one, too.
 */
@Singleton
public final class OperatorAccess {

  private static final String SCHEME = "Bearer ";

  private final OperatorTokens tokens;
  private final boolean openOnLoopback;

  OperatorAccess(OperatorTokens tokens, ExchangeSettings settings) {
    this.tokens = tokens;
    this.openOnLoopback = settings.operatorsOnLoopback();
  }

  /**
   * Whether the caller is an operator.
   *
   * @param authorization the Authorization header (RFC 6750 section 2.1), empty where there is none
   * @param loopback whether the call comes from this machine
   */
  public boolean recognises(String authorization, boolean loopback, Deadline deadline) {
    if (openOnLoopback && loopback) {
      return true;
    }
    // RFC 9110 section 11.1: the name of the scheme is compared without regard to case.
    return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && tokens.allows(authorization.substring(SCHEME.length()).strip(), deadline);
  }
}
