package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.enough;
import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.CapturedLog.Entry;
import dev.tokenbroker.evaluate.exchange.Proofs.Checked;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.evaluate.exchange.admission.Admitted;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.judge.possession.UsedProofs;
import dev.tokenbroker.peers.store.ChosenStore;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("store")
class ProofsTest {

  private static final String URI = "https://broker.example/token";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);

  private final TestClock clock = new TestClock();
  private final Admission admission =
      new Admission(TestAdmissionSettings.defaults(), Clocks.system());

  /** What is a bug wherever it is thrown; each is made where it is thrown. */
  static Stream<Supplier<Throwable>> bugs() {
    return Stream.of(
        IllegalStateException::new,
        StackOverflowError::new,
        NoClassDefFoundError::new,
        InternalError::new,
        AssertionError::new);
  }

  @Test
  void finds_the_proved_key_and_notes_it_for_this_caller_alone() {
    Evaluation run = run(proof());

    assertThat(keys(proofs().check(run, enough())).proof()).isNotNull();

    assertThat(run.record(EvaluationResult.refused(Refusal.of(RefusalReason.REQUEST_INVALID))))
        .extracting(record -> record.verdict().steps().get(Step.all().indexOf(Step.PROOF)))
        .satisfies(proof -> assertThat(proof.result()).isEqualTo(Result.PASSED))
        .satisfies(proof -> assertThat(proof.seen()).isNotEmpty());
  }

  @Test
  void uses_no_proof_up_that_it_checks() {
    PresentedKeys proof = proof();
    Proofs proofs = proofs();

    assertThat(proofs.check(run(proof), enough())).isInstanceOf(Checked.Good.class);
    assertThat(proofs.check(run(proof), enough())).isInstanceOf(Checked.Good.class);
  }

  @Test
  void checks_no_proof_without_room_and_needs_no_room_without_one() {
    Admission full =
        new Admission(TestAdmissionSettings.defaults().withMaxInFlight(1), Clocks.system());
    assertThat(full.admit(enough())).isInstanceOf(Admitted.Permit.class);
    Proofs proofs = proofs(ProofsTest::never, full);

    Checked.BadProof refused = bad(proofs.check(run(proof()), enough()));

    assertThat(refused.step()).isEqualTo(Step.ADMISSION);
    assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(keys(proofs.check(run(PresentedKeys.NONE), enough())).isEmpty()).isTrue();
  }

  @Test
  void checks_no_proof_of_a_caller_whose_deadline_has_passed() {
    Checked.BadProof refused =
        bad(
            proofs(ProofsTest::never, admission)
                .check(run(proof()), Deadline.after(Duration.ZERO)));

    assertThat(refused.step()).isEqualTo(Step.ADMISSION);
    assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void ends_a_check_with_a_bug_in_it_as_an_internal_error(Supplier<Throwable> bug) {
    Proofs faulty = proofs(() -> ProofsTest.<RuntimeException>raise(bug.get()), admission);
    try (CapturedLog log = new CapturedLog()) {
      Checked.BadProof ended = bad(faulty.check(run(proof()), enough()));

      assertThat(ended.step()).isEqualTo(Step.PROOF);
      assertThat(ended.refusal()).isEqualTo(Refusal.of(RefusalReason.INTERNAL_ERROR));
      assertThat(log.taken()).singleElement().extracting(Entry::text).asString().contains("bug");
    }
    assertThat(admission.status())
        .returns(0, AdmissionStatus::inFlight)
        .returns(0, AdmissionStatus::waiting);
  }

  private static ProvedKeys keys(Checked checked) {
    return ((Checked.Good) checked).keys();
  }

  private static Checked.BadProof bad(Checked checked) {
    return (Checked.BadProof) checked;
  }

  private PresentedKeys proof() {
    return TestProof.of(KEY, "POST", URI, clock.instant()).presented();
  }

  private Evaluation run(PresentedKeys keys) {
    return new Evaluation(
        request("payments-api", "none", keys),
        Intent.EXCHANGE,
        clock.instant(),
        null,
        Runnable::run);
  }

  private Proofs proofs() {
    return proofs(() -> {}, admission);
  }

  /**
   * @param when is run when the check asks for the time
   */
  private Proofs proofs(Runnable when, Admission room) {
    TestDpopSettings settings = TestDpopSettings.defaults();
    return new Proofs(
        new ProofVerifier(
            settings,
            new Nonces(settings, clock),
            SignatureProvider.automatic(),
            new UsedProofs(settings, ChosenStore.empty(), Clocks.system()),
            () -> {
              when.run();
              return clock.instant();
            }),
        room);
  }

  private static void never() {
    throw new AssertionError("no proof is to be checked");
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable bug) throws T {
    throw (T) bug;
  }
}
