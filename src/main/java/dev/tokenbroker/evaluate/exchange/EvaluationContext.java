package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.BugReport;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.judge.credential.PresentedClient;
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
final class EvaluationContext {

  private static final Logger log = Logger.getLogger(EvaluationContext.class);

  private final String id;
  private final CheckedRequest request;
  private final PresentedClient client;
  private final CacheKey key;
  private final Instant began;
  private final boolean refresh;
  private final Trail trail = new Trail();
  private @Nullable VerifiedIdentity identity;
  private @Nullable Grant grant;
  private boolean takenOver;

  /** The context of the evaluation that is made for that caller. */
  EvaluationContext(Evaluation caller, CheckedRequest request) {
    this.id = caller.id();
    this.request = request;
    this.client = caller.request().client();
    this.key = request.key(caller.credential());
    this.began = caller.began();
    this.refresh = caller.isRefresh();
    trail.passed(Step.REQUEST, "", request.grant().audience());
    String known = request.grant().client();
    if (known != null) {
      trail.client(known);
    }
    trail.begin(Step.ADMISSION); // the steps in between are the caller's own
  }

  /** The id of the evaluation that it is made for. */
  String id() {
    return id;
  }

  CheckedRequest request() {
    return request;
  }

  /** What the caller states about its client. */
  PresentedClient client() {
    return client;
  }

  CacheKey key() {
    return key;
  }

  Instant began() {
    return began;
  }

  Trail trail() {
    return trail;
  }

  /** The proved identity; null until there is one. */
  @Nullable VerifiedIdentity identity() {
    return identity;
  }

  VerifiedIdentity identified(VerifiedIdentity proved) {
    identity = proved;
    return proved;
  }

  Grant granted(Grant proved) {
    grant = proved;
    return proved;
  }

  /** Whether it renews a cached token. */
  boolean isRefresh() {
    return refresh;
  }

  /** Notes that another replica got the token. */
  void takenOver() {
    takenOver = true;
  }

  /** Whether another replica got the token. */
  boolean isTakenOver() {
    return takenOver;
  }

  /** Ends the evaluation before it began. */
  <T> EvaluationResult<T> notAdmitted(Refusal why) {
    return EvaluationResult.refused(trail, Step.ADMISSION, why);
  }

  /**
   * Evaluates, and always ends in a value: each caller must get a response and a record.
   *
   * @param steps the steps from admission on; each leaves its finding on the trail
   */
  <T> EvaluationResult<T> evaluate(Function<EvaluationContext, Outcome<T>> steps) {
    trail.passed(Step.ADMISSION, "", "");
    try {
      return new EvaluationResult<>(steps.apply(this), trail, identity, grant);
    } catch (RuntimeException | Error bug) {
      return broken(bug);
    }
  }

  /** Logs a bug by type and place only, since its message may quote the credential. */
  <T> EvaluationResult<T> broken(Throwable bug) {
    log.errorf("Evaluation %s ended in a bug: %s", id, BugReport.of(bug));
    Outcome<T> refused = trail.refuse(trail.underWay(), Refusal.of(RefusalReason.INTERNAL_ERROR));
    return new EvaluationResult<>(refused, trail, identity, grant);
  }
}
