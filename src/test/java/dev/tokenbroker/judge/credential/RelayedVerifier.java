package dev.tokenbroker.judge.credential;

import dev.tokenbroker.judge.issuer.TrustedIssuers;
import java.util.Optional;

/** A verifier that does what another one does, unless a test overrides it. */
public interface RelayedVerifier extends CredentialVerifier {

  /** The other verifier. */
  CredentialVerifier real();

  @Override
  default boolean accepts(String tokenType) {
    return real().accepts(tokenType);
  }

  @Override
  default Optional<UnverifiedIdentity> named(
      PresentedCredential credential, TrustedIssuers issuers) {
    return real().named(credential, issuers);
  }

  @Override
  default boolean saysClient(
      PresentedCredential credential,
      PresentedClient stated,
      TrustedIssuers issuers,
      RegisteredClients clients) {
    return real().saysClient(credential, stated, issuers, clients);
  }
}
