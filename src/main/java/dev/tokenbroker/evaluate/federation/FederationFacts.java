package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.store.ComparedFact;
import dev.tokenbroker.peers.store.Roster;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tells the other replicas which revision is in force, and which keys of its issuers are held. */
@Singleton
final class FederationFacts {

  private final Federations federations;

  FederationFacts(Federations federations) {
    this.federations = federations;
  }

  void tell(@Observes Startup event, Roster roster) {
    roster.tell(
        ComparedFact.REVISION.label(),
        () -> federations.current().map(Federation::revision).orElse("(none)"));
    roster.tell(ComparedFact.KEYS.label(), this::keys);
  }

  /** A digest over the keys of all issuers. */
  private String keys() {
    List<TrustedIssuer> issuers =
        federations.current().map(federation -> federation.issuers().all()).orElse(List.of());
    Map<String, String> fingerprints = new TreeMap<>();
    for (TrustedIssuer issuer : issuers) {
      String fingerprint = issuer.keys().fingerprint();
      if (!issuer.disabled() && !fingerprint.isEmpty()) {
        fingerprints.put(issuer.name(), fingerprint);
      }
    }
    return Sha256.hex(fingerprints.toString().getBytes(StandardCharsets.UTF_8));
  }
}
