package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.Rollouts;
import dev.tokenbroker.lifecycle.LifecycleObservers;
import dev.tokenbroker.lifecycle.RolloutRecord;
import dev.tokenbroker.outcome.BugReport;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the last decision of all replicas at this one, on a thread of its own, since that
 * waits for the disk. A decision that cannot be carried out leaves the replica as it was. It is
 * tried again when the candidate was loaded anew, and once a minute.
 */
@Singleton
final class DecisionFollower {

  private static final Logger LOG = Logger.getLogger(DecisionFollower.class);
  private static final Duration EVERY = Duration.ofMillis(200);
  private static final Duration AGAIN_AFTER = Duration.ofMinutes(1);
  private static final int REVISION_CHARS = 12;

  /** After the federation in force and the candidate have been loaded. */
  private static final int LATE = 4000;

  private final SharedDecisions decisions;
  private final Rollouts rollouts;
  private final Candidate candidate;
  private final LifecycleObservers observers;
  private final InstantSource clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("decisions").factory());

  // Only the thread that follows uses these.
  private @Nullable KeptRevision done;
  private @Nullable Attempt attempt;

  /** The last attempt that did not succeed. */
  private record Attempt(
      KeptRevision decision, CandidateStatus candidate, RefusalReason reason, long nanos) {}

  DecisionFollower(
      SharedDecisions decisions,
      Rollouts rollouts,
      Candidate candidate,
      LifecycleObservers observers,
      InstantSource clock) {
    this.decisions = decisions;
    this.rollouts = rollouts;
    this.candidate = candidate;
    this.observers = observers;
    this.clock = clock;
  }

  void start(@Observes @Priority(LATE) Startup event) {
    if (decisions.listen()) {
      var _ = thread.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  void stop(@Observes Shutdown event) {
    thread.shutdownNow();
  }

  /** Follows the last decision if that is due. Never throws, so that the next look comes. */
  void look() {
    KeptRevision decision = decisions.latest();
    if (decision == null || decision.equals(done) || !isDue(decision)) {
      return;
    }
    CandidateStatus status = candidate.status();
    try {
      follow(decision, status);
    } catch (RuntimeException | Error bug) {
      attempt = new Attempt(decision, status, RefusalReason.INTERNAL_ERROR, System.nanoTime());
      LOG.errorf("A decision of another replica was not followed: %s", BugReport.of(bug));
    }
  }

  @SuppressWarnings("ReferenceEquality") // the object stands for one load of the candidate
  private boolean isDue(KeptRevision decision) {
    return attempt == null
        || !decision.equals(attempt.decision())
        || candidate.status() != attempt.candidate()
        || System.nanoTime() - attempt.nanos() > AGAIN_AFTER.toNanos();
  }

  private void follow(KeptRevision decision, CandidateStatus status) {
    String before = rollouts.inForce();
    Outcome<Boolean> outcome =
        rollouts.follow(
            decision,
            decision.revision().equals(candidate.revision()) ? candidate.path() : Optional.empty(),
            () -> recorded(decision, before, null));
    switch (outcome) {
      case Outcome.Accepted<Boolean> _ -> {
        done = decision;
        attempt = null;
        decisions.waits("");
      }
      case Outcome.Refused<Boolean>(Refusal why) -> {
        String waiting = waiting(decision, why);
        decisions.waits(waiting);
        if (isNew(decision, why.reason())) {
          LOG.warn(waiting);
          if (why.reason() != RefusalReason.REVISION_UNKNOWN) {
            var _ = recorded(decision, before, why.reason());
          }
        }
        attempt = new Attempt(decision, status, why.reason(), System.nanoTime());
      }
    }
  }

  /** Whether the last attempt had another cause. */
  private boolean isNew(KeptRevision decision, RefusalReason reason) {
    return attempt == null || !attempt.decision().equals(decision) || attempt.reason() != reason;
  }

  private Optional<RefusalReason> recorded(
      KeptRevision decision, @Nullable String before, @Nullable RefusalReason refused) {
    return observers.unrecorded(RolloutRecord.followed(clock.instant(), decision, before, refused));
  }

  private static String waiting(KeptRevision decision, Refusal why) {
    return "Revision %s, %s by %s at %s at another replica, is not in force here: %s"
        .formatted(
            decision.revision().substring(0, REVISION_CHARS),
            decision.action().label(),
            decision.by(),
            decision.time(),
            why.reason() == RefusalReason.REVISION_UNKNOWN
                ? "it waits until the candidate has this revision"
                : why.seen() + " (" + why.reason() + ")");
  }
}
