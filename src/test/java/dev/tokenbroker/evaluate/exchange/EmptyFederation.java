package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.process.runtime.TestClock;
import java.util.List;
import java.util.Map;

/** Federations that trust nobody, for tests of what does not depend on a document. */
public final class EmptyFederation {

  private EmptyFederation() {}

  public static Federation of(String revision) {
    return new Federation(
        revision,
        TrustedIssuers.of(List.of()),
        RegisteredClients.NONE,
        Policy.of(List.of(), List.of()),
        Map.of(),
        TestClock.START,
        List.of(),
        FormerIssuers.NONE);
  }
}
