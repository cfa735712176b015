package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.ProvedKeys;

/**
 * A request of valid shape, and the federation that judges it.
 *
 * @param keys the keys that its caller proved
 */
record CheckedRequest(
    PresentedCredential credential, GrantRequest grant, ProvedKeys keys, Federation federation) {

  /** The same request by a caller that proved these keys. */
  CheckedRequest by(ProvedKeys holder) {
    return holder.isEmpty()
        ? this
        : new CheckedRequest(
            credential, federation.policy().bound(grant, holder), holder, federation);
  }

  /** The same request by that client. */
  CheckedRequest by(RegisteredClient client) {
    return new CheckedRequest(credential, grant.by(client.name()), keys, federation);
  }

  /** The key that decides which token it gets: requests with equal keys share one evaluation. */
  CacheKey key(CredentialDigest digest) {
    return CacheKey.of(
            digest,
            credential.tokenType(),
            grant.audience(),
            grant.scopes(),
            grant.lifetime(),
            keys.bindings(),
            federation.revision())
        .by(grant.client());
  }
}
