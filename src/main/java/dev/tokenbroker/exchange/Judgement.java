package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.exchange.RequestRules.Asked;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.IssuedToken;
import java.time.Instant;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One request while it is judged: its trail, the federation that judges it, and what was proved so
 * far. Whoever asks the same at the same time shares it.
 *
 * <p>Confined to the thread that judges, but for the trail and for who waits.
 */
final class Judgement {

  private static final Logger log = Logger.getLogger(Judgement.class);

  private final String id;
  private final CacheKey key;
  private final Posed posed;
  private final Instant began;
  private volatile Trail trail;
  private final Callers callers = new Callers();
  private @Nullable VerifiedIdentity identity;
  private @Nullable Grant grant;

  /**
   * @param id of the evaluation that it is made for
   * @param key what the request has in common with those that are the same
   */
  Judgement(String id, CacheKey key, Posed posed, Instant began) {
    this.id = id;
    this.key = key;
    this.posed = posed;
    this.began = began;
    this.trail = atTheDoor(posed.asked());
  }

  private static Trail atTheDoor(Asked asked) {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", asked.grant().audience());
    trail.begin(Step.ADMISSION); // those between are not taken here
    return trail;
  }

  /** Forgets what was found out, so that it can be judged again. */
  void startOver() {
    trail = atTheDoor(asked());
    identity = null;
    grant = null;
  }

  String id() {
    return id;
  }

  CacheKey key() {
    return key;
  }

  Federation federation() {
    return posed.federation();
  }

  Asked asked() {
    return posed.asked();
  }

  Instant began() {
    return began;
  }

  Trail trail() {
    return trail;
  }

  /** Those who wait for it. */
  Callers callers() {
    return callers;
  }

  VerifiedIdentity identified(VerifiedIdentity proved) {
    identity = proved;
    return proved;
  }

  Grant granted(Grant proved) {
    grant = proved;
    return proved;
  }

  /** The identity proved; null until one is. */
  @Nullable VerifiedIdentity identity() {
    return identity;
  }

  /** Ends it at the door. */
  <T> Judged<T> refused(Refusal atTheDoor) {
    return Judged.refused(trail, Step.ADMISSION, atTheDoor);
  }

  /** Judges by the steps that bring a token. */
  Judged<IssuedToken> issued(Deadline deadline) {
    return by(run -> posed.steps().take(run, deadline));
  }

  /**
   * Judges, and ends in a value whatever happens inside.
   *
   * @param steps the steps from admission on; each leaves its finding on the trail
   */
  <T> Judged<T> by(Function<Judgement, Outcome<T>> steps) {
    return new Judged<>(outcome(steps), trail, identity, grant);
  }

  // A bug in one step must neither lose the record nor reach the caller as a stack trace, nor must
  // an error of the JVM: others wait for the same, and each is to be answered. Its message is not
  // logged: a library may have put a piece of the
  // credential into it. The class and the place say enough to find it.
  private <T> Outcome<T> outcome(Function<Judgement, Outcome<T>> steps) {
    trail.passed(Step.ADMISSION, "", "");
    try {
      return steps.apply(this);
    } catch (RuntimeException | Error bug) {
      log.errorf("Evaluation %s ended in a bug: %s", id, BugReport.of(bug));
      return trail.refuse(trail.underWay(), Refusal.of(RefusalReason.INTERNAL_ERROR));
    }
  }
}
