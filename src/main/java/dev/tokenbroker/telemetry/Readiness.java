package dev.tokenbroker.telemetry;

import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.token.SigningKeys;
import jakarta.inject.Singleton;

/**
 * Whether exchanges can be answered at all: a federation is loaded and tokens can be signed. An
 * issuer that is down does not count: the others' credentials must go on being exchanged.
 */
@Singleton
final class Readiness {

  private final Federations federations;
  private final SigningKeys signingKeys;

  Readiness(Federations federations, SigningKeys signingKeys) {
    this.federations = federations;
    this.signingKeys = signingKeys;
  }

  boolean federationLoaded() {
    return federations.current().isPresent();
  }

  boolean canSign() {
    return signingKeys.available();
  }

  boolean ready() {
    return federationLoaded() && canSign();
  }
}
