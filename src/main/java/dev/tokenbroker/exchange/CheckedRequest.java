package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.PresentedCredential;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.policy.GrantRequest;
import dev.tokenbroker.possession.ProvedKeys;

/**
 * A request whose shape is in order, and the federation that judges it.
 *
 * @param keys the keys that its caller was proved to hold
 */
record CheckedRequest(
    PresentedCredential credential, GrantRequest grant, ProvedKeys keys, Federation federation) {

  /** The same request by a caller who was proved to hold these keys. */
  CheckedRequest by(ProvedKeys holder) {
    return holder.isEmpty()
        ? this
        : new CheckedRequest(
            credential,
            grant.boundTo(federation.policy().binding(grant.audience(), holder)),
            holder,
            federation);
  }

  /** What decides which token comes of it: requests with equal keys share one evaluation. */
  CacheKey key(CredentialDigest digest) {
    return CacheKey.of(
        digest,
        credential.tokenType(),
        grant.audience(),
        grant.scopes(),
        grant.lifetime(),
        keys.bindings(),
        federation.revision());
  }
}
