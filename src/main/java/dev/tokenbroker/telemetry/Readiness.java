package dev.tokenbroker.telemetry;

import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.token.SigningKeys;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.BooleanSupplier;

/**
 * Whether exchanges can be answered at all: a federation is loaded and tokens can be signed. An
 * issuer that is down does not count: the others' credentials must go on being exchanged.
 *
 * <p>The probes over HTTP and gRPC health both ask here, so that they never disagree.
 */
@Singleton
final class Readiness {

  private final BooleanSupplier federationLoaded;
  private final BooleanSupplier canSign;

  @Inject
  Readiness(Federations federations, SigningKeys signingKeys) {
    this(() -> federations.current().isPresent(), signingKeys::available);
  }

  Readiness(BooleanSupplier federationLoaded, BooleanSupplier canSign) {
    this.federationLoaded = federationLoaded;
    this.canSign = canSign;
  }

  boolean federationLoaded() {
    return federationLoaded.getAsBoolean();
  }

  boolean canSign() {
    return canSign.getAsBoolean();
  }

  boolean ready() {
    return federationLoaded() && canSign();
  }
}
