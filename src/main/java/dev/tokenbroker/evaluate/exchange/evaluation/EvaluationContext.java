package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import java.time.Instant;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The state of one request while it is evaluated: its trail, and what was proved so far. Confined
 * to the evaluating thread, but for the trail, which other threads may read meanwhile.
 */
public final class EvaluationContext {

  private static final Logger LOG = Logger.getLogger(EvaluationContext.class);

  private final String id;
  private final CheckedRequest request;
  private final CacheKey key;
  private final Instant began;
  private final Trail trail = new Trail();
  private @Nullable VerifiedIdentity identity;
  private @Nullable Grant grant;

  /** The context of the evaluation that is made for that caller. */
  public EvaluationContext(Evaluation caller, CheckedRequest request) {
    this.id = caller.id();
    this.request = request;
    this.key = request.key(caller.credential());
    this.began = caller.began();
    trail.stranger(true);
    trail.passed(Step.REQUEST, "", request.grant().audience());
    String known = request.grant().client();
    if (known != null) {
      trail.client(known);
    }
    trail.begin(Step.ADMISSION); // the steps in between are the caller's own
  }

  /** The id of the evaluation that it is made for. */
  public String id() {
    return id;
  }

  public CheckedRequest request() {
    return request;
  }

  public CacheKey key() {
    return key;
  }

  public Instant began() {
    return began;
  }

  public Trail trail() {
    return trail;
  }

  /** The proved identity; null until there is one. */
  public @Nullable VerifiedIdentity identity() {
    return identity;
  }

  public VerifiedIdentity identified(VerifiedIdentity proved) {
    identity = proved;
    return proved;
  }

  public Grant granted(Grant proved) {
    grant = proved;
    return proved;
  }

  /** Ends the evaluation before it began. */
  public <T> EvaluationResult<T> notAdmitted(Refusal why) {
    return EvaluationResult.refused(trail, Step.ADMISSION, why);
  }

  /**
   * Evaluates, and always ends in a value: each caller must get a response and a record.
   *
   * @param steps the steps from admission on; each leaves its finding on the trail
   */
  public <T> EvaluationResult<T> evaluate(Function<EvaluationContext, Outcome<T>> steps) {
    trail.passed(Step.ADMISSION, "", "");
    try {
      return new EvaluationResult<>(steps.apply(this), trail, identity, grant);
    } catch (RuntimeException | Error bug) {
      return broken(bug);
    }
  }

  /** Logs a bug by type and place only, since its message may quote the credential. */
  public <T> EvaluationResult<T> broken(Throwable bug) {
    LOG.errorf("Evaluation %s ended in a bug: %s", id, BugReport.of(bug));
    Outcome<T> refused = trail.refuse(trail.underWay(), Refusal.of(RefusalReason.INTERNAL_ERROR));
    return new EvaluationResult<>(refused, trail, identity, grant);
  }
}
