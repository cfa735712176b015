package dev.tokenbroker.exchange;

import dev.tokenbroker.exchange.RequestRules.Asked;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.policy.GrantRequest;
import dev.tokenbroker.possession.ProvedKeys;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.CredentialDigest;

/**
 * A request in order, and what judges it.
 *
 * @param federation the one of the moment
 * @param steps bring the token
 */
record Posed(Asked asked, Federation federation, Steps steps) {

  /** The same of one who holds these keys. */
  Posed by(ProvedKeys holder) {
    return holder.isEmpty()
        ? this
        : new Posed(
            asked.by(holder, federation.policy().binding(asked.grant().audience(), holder)),
            federation,
            steps);
  }

  /**
   * What it has in common with those that are the same.
   *
   * @param credential of the one asked with
   */
  CacheKey key(CredentialDigest credential) {
    GrantRequest wish = asked.grant();
    return CacheKey.of(
        credential,
        asked.credential().tokenType(),
        wish.audience(),
        wish.scopes(),
        wish.lifetime(),
        asked.keys().bindings(),
        federation.revision());
  }
}
