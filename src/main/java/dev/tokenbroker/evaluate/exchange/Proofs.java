package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.ProvedKeys;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * The step {@code PROOF}: checks the proof of possession of each request, before anything is looked
 * up or judged for it. A check costs a signature, so it is admitted like an evaluation, and runs on
 * a thread that may wait. Safe for use by any number of threads.
 */
@Singleton
final class Proofs {

  private static final Logger LOG = Logger.getLogger(Proofs.class);

  private final ProofVerifier verifier;
  private final Admission admission;

  Proofs(ProofVerifier verifier, Admission admission) {
    this.verifier = verifier;
    this.admission = admission;
  }

  /** How a check ended. */
  sealed interface Checked {

    /** The caller holds these keys. */
    record Good(ProvedKeys keys) implements Checked {}

    /** The request ends at that step. */
    record BadProof(Step step, Refusal refusal) implements Checked {

      <T> EvaluationResult<T> result(Evaluation run) {
        return run.refused(step, refusal);
      }
    }
  }

  /**
   * Uses up the proof of a caller that gets a token: at some issuers anybody has credentials, and a
   * refusal gives nothing away. The token for a once-only credential was made for this proof alone.
   */
  EvaluationResult<IssuedToken> use(
      Evaluation run, ProvedKeys keys, EvaluationResult<IssuedToken> result) {
    VerifiedIdentity identity = result.identity();
    return identity != null
            && result.outcome() instanceof Outcome.Accepted
            && !result.isOnceOnly()
            && verifier.take(keys, holder(identity))
                instanceof Outcome.Refused<ProvedKeys>(Refusal refusal)
        ? usedUp(run, identity, refusal)
        : result;
  }

  private static EvaluationResult<IssuedToken> usedUp(
      Evaluation run, VerifiedIdentity identity, Refusal refusal) {
    return run.refused(Step.PROOF, refusal, identity);
  }

  private static Holder holder(VerifiedIdentity identity) {
    return new Holder(identity.issuer().name(), identity.subject());
  }

  /** Uses the proof up before a token is made, where the evaluation is for one caller alone. */
  Outcome<Grant> use(EvaluationContext run, Grant grant) {
    VerifiedIdentity identity = run.identity();
    return identity != null && identity.issuer().once()
        ? judged(run, grant, verifier.take(run.request().keys(), holder(identity)))
        : Outcome.accepted(grant);
  }

  /** Whether the proof could be used up; does not use it. */
  Outcome<Grant> look(EvaluationContext run, Grant grant) {
    return judged(run, grant, verifier.look(run.request().keys()));
  }

  private static Outcome<Grant> judged(
      EvaluationContext run, Grant grant, Outcome<ProvedKeys> taken) {
    return taken instanceof Outcome.Refused<ProvedKeys>(Refusal refusal)
        ? run.trail().refuse(Step.PROOF, refusal)
        : Outcome.accepted(grant);
  }

  /**
   * Checks the proof, and remembers nothing: the credential may be anybody's. A request without a
   * proof has the keys of its connection.
   */
  Checked check(Evaluation run, Deadline deadline) {
    PresentedKeys presented = run.request().keys();
    if (presented.proof() == null) {
      return new Checked.Good(ProvedKeys.ofConnection(presented));
    }
    try {
      return admission
          .admit(deadline)
          .through(
              () -> deadline,
              () -> checked(run, verifier.check(presented)),
              refusal -> new Checked.BadProof(Step.ADMISSION, refusal));
    } catch (RuntimeException | Error bug) {
      LOG.errorf("The proof of evaluation %s ended in a bug: %s", run.id(), BugReport.of(bug));
      return new Checked.BadProof(Step.PROOF, Refusal.of(RefusalReason.INTERNAL_ERROR));
    }
  }

  private static Checked checked(Evaluation run, Outcome<ProvedKeys> verified) {
    return switch (verified) {
      case Outcome.Refused<ProvedKeys>(Refusal refusal) ->
          new Checked.BadProof(Step.PROOF, refusal);
      case Outcome.Accepted<ProvedKeys>(ProvedKeys keys) -> {
        String key = BindingDemand.DPOP.choose(keys).description();
        run.proved(new Finding(Step.PROOF, Result.PASSED, "", key, run.elapsedNanos()));
        yield new Checked.Good(keys);
      }
    };
  }
}
