package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.issuer.SignatureProvider;
import dev.tokenbroker.issuer.SigningAlgorithm;
import dev.tokenbroker.issuer.TestKey;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail.Result;
import dev.tokenbroker.possession.Nonces;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.possession.PresentedProof;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.ProvedKeys;
import dev.tokenbroker.possession.TestDpopSettings;
import dev.tokenbroker.possession.TestProof;
import dev.tokenbroker.runtime.TestClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProofsTest {

  private static final String URI = "https://broker.example/token";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);

  private final TestClock clock = new TestClock();
  private final TestDpopSettings settings = TestDpopSettings.defaults();
  private final List<Exchanged> endings = new ArrayList<>();
  private final Evaluations evaluations = new Evaluations(Optional::empty, List.of(), clock);

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
  void goes_on_with_the_key_that_was_proved() {
    List<ProvedKeys> proved = new ArrayList<>();

    take(proofs(() -> {}), proved::add);

    assertThat(endings).isEmpty();
    assertThat(proved).singleElement().matches(keys -> keys.proof() != null);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void answers_whose_check_ends_in_a_bug(Supplier<Throwable> bug) {
    try (CapturedLog log = new CapturedLog()) {
      take(
          proofs(() -> ProofsTest.<RuntimeException>raise(bug.get())),
          _ -> {
            throw new AssertionError("nothing was proved");
          });

      assertThat(log.taken()).anySatisfy(entry -> assertThat(entry.text()).contains("bug"));
    }

    assertThat(ended().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
    assertThat(ended().steps())
        .filteredOn(finding -> finding.result() == Result.FAILED)
        .singleElement()
        .matches(finding -> finding.step() == Step.PROOF);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void answers_whose_way_on_ends_in_a_bug(Supplier<Throwable> bug) {
    try (CapturedLog _ = new CapturedLog()) {
      take(proofs(() -> {}), _ -> ProofsTest.<RuntimeException>raise(bug.get()));
    }

    assertThat(ended().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
  }

  @Test
  void waits_for_a_later_turn_where_others_wait_and_no_processor_is_free() {
    Admission admission = new Admission(TestAdmissionSettings.defaults());
    assertThat(admission.admit(TestExchange.enough())).isInstanceOf(Admitted.Permit.class);
    Queue<Runnable> tasks = new ArrayDeque<>();
    List<ProvedKeys> proved = new ArrayList<>();

    take(
        proofs(
            () -> {},
            admission,
            _ -> {
              throw new AssertionError("no thread is to be had");
            }),
        TestHome.of(new Turn(tasks::add, tasks::add, new Crowd(1))),
        proved::add);
    assertThat(proved).isEmpty();

    tasks.remove().run();
    assertThat(proved).hasSize(1);
    assertThat(endings).isEmpty();
  }

  @Test
  void answers_whose_check_gets_no_thread_and_gives_the_room_back() {
    Admission admission = new Admission(TestAdmissionSettings.defaults());

    try (CapturedLog _ = new CapturedLog()) {
      take(
          proofs(
              () -> {},
              admission,
              _ -> {
                throw new InternalError("unable to create native thread");
              }),
          TestHome.anywhere(),
          _ -> {
            throw new AssertionError("nothing was proved");
          });
    }

    assertThat(ended().reason()).isEqualTo(RefusalReason.INTERNAL_ERROR);
    assertThat(admission.status())
        .returns(0, AdmissionStatus::inFlight)
        .returns(0, AdmissionStatus::waiting);
  }

  private Verdict ended() {
    assertThat(endings).hasSize(1);
    return endings.getFirst().verdict();
  }

  private void take(Proofs proofs, Consumer<ProvedKeys> next) {
    take(proofs, TestHome.anywhere(), next);
  }

  private void take(Proofs proofs, Home home, Consumer<ProvedKeys> next) {
    PresentedKeys keys =
        PresentedKeys.of(
            null,
            new PresentedProof(
                List.of(TestProof.of(KEY, "POST", URI, clock.instant()).signed()),
                "POST",
                List.of(URI)));
    ExchangeRequest request =
        new ExchangeRequest(
            "payments-api", "none", "", List.of(), null, false, "http", "", keys, List.of());
    proofs.take(
        evaluations.open(request, Intent.EXCHANGE),
        new Waiting(TestExchange.enough(), home, endings::add),
        next);
  }

  /**
   * @param when is run when the check asks for the time
   */
  private Proofs proofs(Runnable when) {
    return proofs(when, new Admission(TestAdmissionSettings.defaults()), Runnable::run);
  }

  private Proofs proofs(Runnable when, Admission admission, Executor threads) {
    ProofVerifier verifier =
        new ProofVerifier(
            settings,
            new Nonces(settings, clock),
            SignatureProvider.automatic(),
            () -> {
              when.run();
              return clock.instant();
            });
    return new Proofs(evaluations, verifier, admission, threads);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable bug) throws T {
    throw (T) bug;
  }
}
