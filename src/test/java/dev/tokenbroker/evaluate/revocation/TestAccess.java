package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.UsedProofs;
import dev.tokenbroker.peers.store.ChosenStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Who may use the broker beyond exchanges, in tests. */
public record TestAccess(
    Optional<List<String>> introspectionCertificates,
    Optional<List<String>> revocationCertificates,
    Optional<List<String>> introspectionClients,
    Optional<List<String>> revocationClients)
    implements AccessSettings {

  @Override
  public boolean operatorsOnLoopback() {
    return false;
  }

  /** Bearers of tokens with the scope of operators. */
  public static OperatorAccess operators(BrokerTokens tokens) {
    return new OperatorAccess(
        listing(tokens, List.of(), List.of()),
        new TestAccess(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  /** Bearers of tokens, and whoever holds a certificate of one of these thumbprints. */
  public static CallerAccess listing(
      BrokerTokens tokens, List<String> introspecting, List<String> revoking) {
    TestDpopSettings dpop = TestDpopSettings.defaults();
    Clock clock = Clock.systemUTC();
    return new CallerAccess(
        tokens,
        new ProofVerifier(
            dpop,
            new Nonces(dpop, clock),
            SignatureProvider.jdk(),
            new UsedProofs(dpop, ChosenStore.empty(), Clocks.system()),
            clock),
        new TestAccess(
            Optional.of(introspecting), Optional.of(revoking), Optional.empty(), Optional.empty()));
  }
}
