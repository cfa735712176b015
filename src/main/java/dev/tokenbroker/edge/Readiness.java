package dev.tokenbroker.edge;

import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.signing.SigningKeys;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.BooleanSupplier;

/**
 * Whether exchanges can be answered at all: a federation is loaded, tokens can be signed, and audit
 * records are written. An issuer that is down does not count: the others' credentials must go on
 * being exchanged.
 *
 * <p>The probes over HTTP and gRPC health both ask here, so that they never disagree.
 */
@Singleton
public final class Readiness {

  private final BooleanSupplier federationLoaded;
  private final BooleanSupplier canSign;
  private volatile boolean recording = true;

  @Inject
  Readiness(Federations federations, SigningKeys signingKeys) {
    this(() -> federations.current().isPresent(), signingKeys::available);
  }

  public Readiness(BooleanSupplier federationLoaded, BooleanSupplier canSign) {
    this.federationLoaded = federationLoaded;
    this.canSign = canSign;
  }

  public boolean federationLoaded() {
    return federationLoaded.getAsBoolean();
  }

  public boolean canSign() {
    return canSign.getAsBoolean();
  }

  /** Says whether audit records are being written: without one no exchange is answered. */
  public void recording(boolean written) {
    recording = written;
  }

  public boolean ready() {
    return federationLoaded() && canSign() && recording;
  }
}
