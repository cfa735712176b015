package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.AssertionChecks;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.SharedUses;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.UsedProofs;
import dev.tokenbroker.peers.store.ChosenStore;
import dev.tokenbroker.peers.store.OneReplica;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who may use the broker beyond exchanges, in tests. */
public final class TestAccess {

  private TestAccess() {}

  /** Bearers of tokens with the scope of operators. */
  public static OperatorAccess operators(BrokerTokens tokens) {
    return new OperatorAccess(access(tokens, RegisteredClients.NONE), () -> false);
  }

  /** Bearers of tokens, and whoever holds a certificate of one of these thumbprints. */
  public static CallerAccess listing(
      BrokerTokens tokens, List<String> introspecting, List<String> revoking) {
    return access(
        tokens,
        RegisteredClients.of(
            List.of(
                certified("introspector", introspecting, ClientRight.INTROSPECT),
                certified("revoker", revoking, ClientRight.REVOKE))));
  }

  private static RegisteredClient certified(
      String name, List<String> thumbprints, ClientRight right) {
    return new RegisteredClient(
        name, new ClientProof.Certificates(Set.copyOf(thumbprints)), Set.of(right), false);
  }

  /** Bearers of tokens, and these clients. */
  static CallerAccess access(BrokerTokens tokens, RegisteredClients clients) {
    TestDpopSettings dpop = TestDpopSettings.defaults();
    Clock clock = Clock.systemUTC();
    CredentialVerifier verifier = TestVerifiers.of(clock);
    Federation federation =
        new Federation(
            "0",
            TrustedIssuers.of(List.of()).with(clients.issuers()),
            clients,
            Policy.of(List.of(), List.of()),
            Map.of(),
            clock.instant(),
            List.of(),
            FormerIssuers.NONE);
    return new CallerAccess(
        tokens,
        new ProofVerifier(
            dpop,
            new Nonces(dpop, clock),
            SignatureProvider.jdk(),
            new UsedProofs(dpop, ChosenStore.empty(), Clocks.system()),
            clock),
        () -> Optional.of(federation),
        new ClientAuthenticator(
            verifier,
            new AssertionChecks(verifier),
            new SharedUses(new UsedCredentials(10, clock), new OneReplica(), clock)));
  }
}
