package dev.tokenbroker.edges.edge;

import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.peers.store.Replica;
import dev.tokenbroker.peers.store.Roster;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.BooleanSupplier;

/**
 * Whether the broker can answer exchanges. It needs a loaded federation, a signing key, and audit
 * records that are written. An issuer that is down does not count, because credentials of other
 * issuers can still be exchanged.
 *
 * <p>The HTTP probes and gRPC health both use this class, so that they never disagree.
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

  void tell(@Observes Startup event, Roster roster) {
    roster.tell(Replica.READY, () -> Boolean.toString(ready()));
  }

  public boolean federationLoaded() {
    return federationLoaded.getAsBoolean();
  }

  public boolean canSign() {
    return canSign.getAsBoolean();
  }

  /** Sets whether audit records are written. Without a record the broker answers no exchange. */
  public void recording(boolean written) {
    recording = written;
  }

  public boolean ready() {
    return federationLoaded() && canSign() && recording;
  }

  /**
   * The event that {@link Readiness} may have changed. It is fired once a second, for the edges
   * that report readiness.
   */
  public record ReadinessMayHaveChanged() {}
}
