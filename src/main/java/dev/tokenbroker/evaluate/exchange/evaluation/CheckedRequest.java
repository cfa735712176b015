package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.OwnKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.ProvedKeys;
import org.jspecify.annotations.Nullable;

/**
 * A request of valid shape, and the federation that judges it.
 *
 * @param issuers the issuers whose credentials count: with the clients only if the credential may
 *     be a client's own assertion, so that strangers do not find out which clients exist
 * @param keys the keys that its caller proved
 * @param stated what its caller states about its client without a proof, and its credential must
 *     confirm; null for nothing
 */
public record CheckedRequest(
    PresentedCredential credential,
    TrustedIssuers issuers,
    GrantRequest grant,
    ProvedKeys keys,
    Federation federation,
    @Nullable PresentedClient stated) {

  /** The same request by a caller that proved these keys. */
  public CheckedRequest by(ProvedKeys holder) {
    return holder.isEmpty()
        ? this
        : new CheckedRequest(
            credential,
            issuers,
            federation.policy().bound(grant, holder),
            holder,
            federation,
            stated);
  }

  /** The same request by that client. */
  public CheckedRequest by(RegisteredClient client) {
    TrustedIssuers known = client.proof() instanceof OwnKeys ? federation.issuers() : issuers;
    return new CheckedRequest(credential, known, grant.by(client.name()), keys, federation, stated);
  }

  /** The same request of a caller that states that client. */
  public CheckedRequest stating(PresentedClient client) {
    return new CheckedRequest(credential, issuers, grant, keys, federation, client);
  }

  /** Whether an upstream issues the token: a requested lifetime and keys change nothing there. */
  public boolean isUpstreamed() {
    return federation.policy().isUpstreamed(grant.audience());
  }

  /** The key that decides which token it gets: requests with equal keys share one evaluation. */
  public CacheKey key(CredentialDigest digest) {
    return CacheKey.of(
            digest,
            credential.tokenType(),
            grant.audience(),
            grant.scopes(),
            isUpstreamed() ? null : grant.lifetime(),
            keys.bindings(),
            federation.revision())
        .by(grant.client(), federation.policy().otherKind(grant));
  }
}
