package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineJudgeTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(7);

  private final TestClock clock = new TestClock();

  @TempDir Path directory;

  /** Waits for keys that never come. */
  private static final class Waiting implements CredentialVerifier {

    @Override
    public boolean accepts(String tokenType) {
      return true;
    }

    @Override
    public Optional<UnverifiedIdentity> named(
        PresentedCredential credential, TrustedIssuers issuers) {
      return Optional.empty();
    }

    @Override
    public boolean saysClient(
        PresentedCredential credential,
        PresentedClient stated,
        TrustedIssuers issuers,
        RegisteredClients clients) {
      return true;
    }

    @Override
    public Outcome<VerifiedIdentity> verify(
        PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail) {
      return trail.refuse(Step.KEY, Refusal.of(deadline.passed(RefusalReason.KEYS_UNREACHABLE)));
    }
  }

  @Test
  void blames_a_slow_issuer_because_there_is_no_deadline() {
    OfflineJudge judge =
        new OfflineJudge(
            TestExchange.federation(directory, ISSUER.federation(), clock),
            new Waiting(),
            TestProof.verifier(TestDpopSettings.defaults(), clock),
            new OfflineJudge.Settings(
                Settings.defaults(ExchangeSettings.class),
                TestAdmissionSettings.defaults(),
                TestCacheSettings.defaults()),
            clock);

    Verdict verdict =
        judge.explain(request("payments-api", ISSUER.credential("acme/payments")), null);

    assertThat(verdict.reason()).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
  }
}
