package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import dev.tokenbroker.possession.Binding;
import dev.tokenbroker.possession.BindingDemand;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.ProvedKeys;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Takes the step {@code PROOF}: has the proof of possession that a caller sent checked, for each
 * request anew, before anything is looked up or judged for it. A proof costs a signature check, so
 * it is checked on a virtual thread, or in a later turn of its event loop where no processor is
 * free, and shed like an evaluation where there is too much to do.
 *
 * <p>Safe for use by any number of threads.
 */
@Singleton
final class Proofs {

  private static final Logger log = Logger.getLogger(Proofs.class);

  private final Evaluations evaluations;
  private final ProofVerifier verifier;
  private final Admission admission;
  private final Executor threads;

  @Inject
  Proofs(Evaluations evaluations, ProofVerifier verifier, Admission admission) {
    this(evaluations, verifier, admission, check -> Thread.ofVirtual().name("proof").start(check));
  }

  /**
   * @param threads runs a check
   */
  Proofs(Evaluations evaluations, ProofVerifier verifier, Admission admission, Executor threads) {
    this.evaluations = evaluations;
    this.verifier = verifier;
    this.admission = admission;
    this.threads = threads;
  }

  /** How a check ended. */
  sealed interface Checked {

    /** The caller holds these keys. */
    record Good(ProvedKeys keys) implements Checked {}

    /** The request goes no further than that step. */
    record Bad(Step step, Refusal refusal) implements Checked {

      <T> Judged<T> judged(Evaluation run) {
        Trail trail = new Trail();
        trail.passed(Step.REQUEST, "", run.request().audience());
        return Judged.refused(trail, step, refusal);
      }
    }
  }

  /**
   * Takes the proof, and goes on with what was proved: at once and on this thread where none was
   * sent, later and where the caller is at home where one was. Where it is no good, the evaluation
   * ends here.
   */
  void take(Evaluation run, Waiting caller, Consumer<ProvedKeys> next) {
    PresentedKeys presented = run.request().keys();
    if (presented.proof() == null) {
      next.accept(ProvedKeys.ofConnection(presented));
      return;
    }
    Executor where = where(caller.turn());
    switch (admission.admit(caller.deadline())) {
      case Admitted.Refused(Refusal refusal) ->
          evaluations.close(run, new Checked.Bad(Step.ADMISSION, refusal).judged(run), caller);
      case Admitted.Permit permit -> {
        try {
          where.execute(
              () -> {
                Checked checked = check(run, permit, () -> verifier.take(presented));
                caller.atHome(() -> goOn(checked, run, caller, next));
              });
        } catch (RuntimeException | Error notBegun) {
          permit.close();
          evaluations.close(run, notBegun, caller);
        }
      }
    }
  }

  /** Where others wait already, a thread would wait for the very processor that this one has. */
  private Executor where(Turn turn) {
    return !admission.isCalm() && turn.joinCrowd() ? turn::later : threads;
  }

  /** Says what would come of the proof, and does not take it. On a thread that may wait. */
  Checked examine(Evaluation run, Deadline deadline) {
    PresentedKeys presented = run.request().keys();
    if (presented.proof() == null) {
      return new Checked.Good(ProvedKeys.ofConnection(presented));
    }
    return check(run, admission.admit(deadline), () -> verifier.examine(presented));
  }

  private interface Check {
    Outcome<ProvedKeys> verify();
  }

  private static Checked check(Evaluation run, Admitted door, Check check) {
    try {
      return door.through(
          () -> checked(run, check), refusal -> new Checked.Bad(Step.ADMISSION, refusal));
    } catch (RuntimeException | Error bug) {
      log.errorf("The proof of evaluation %s ended in a bug: %s", run.id(), BugReport.of(bug));
      return new Checked.Bad(Step.PROOF, Refusal.of(RefusalReason.INTERNAL_ERROR));
    }
  }

  private static Checked checked(Evaluation run, Check check) {
    long began = System.nanoTime();
    return switch (check.verify()) {
      case Outcome.Refused<ProvedKeys>(Refusal refusal) -> new Checked.Bad(Step.PROOF, refusal);
      case Outcome.Accepted<ProvedKeys>(ProvedKeys keys) -> {
        Binding key = BindingDemand.DPOP.choose(keys);
        run.proved(
            new Finding(
                Step.PROOF, Result.PASSED, "", key.description(), System.nanoTime() - began));
        yield new Checked.Good(keys);
      }
    };
  }

  private void goOn(Checked checked, Evaluation run, Waiting caller, Consumer<ProvedKeys> next) {
    switch (checked) {
      case Checked.Bad bad -> evaluations.close(run, bad.judged(run), caller);
      case Checked.Good(ProvedKeys keys) -> {
        try {
          next.accept(keys);
        } catch (RuntimeException | Error bug) {
          // Nobody above catches it here, and the caller waits.
          evaluations.close(run, bug, caller);
        }
      }
    }
  }
}
