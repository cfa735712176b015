package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.federation.Outline;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.RolloutOrder;
import dev.tokenbroker.federation.Rollouts;
import dev.tokenbroker.federation.diff.DocumentDiff;
import dev.tokenbroker.lifecycle.CallingOperator;
import dev.tokenbroker.lifecycle.KnownCaller;
import dev.tokenbroker.lifecycle.LifecycleObservers;
import dev.tokenbroker.lifecycle.OperatorAccess;
import dev.tokenbroker.lifecycle.Right;
import dev.tokenbroker.lifecycle.RolloutRecord;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Shows operators the candidate and the kept revisions, and puts another revision in force. The
 * caller is authenticated before its request is read. Must not run on an event loop: it checks
 * signatures and waits for the disk.
 */
@Singleton
public final class FederationRollout {

  private final OperatorAccess access;
  private final Federations federations;
  private final Rollouts rollouts;
  private final Candidate candidate;
  private final Comparison comparison;
  private final SharedDecisions decisions;
  private final LifecycleObservers observers;
  private final InstantSource clock;

  FederationRollout(
      OperatorAccess access,
      Federations federations,
      Rollouts rollouts,
      Candidate candidate,
      Comparison comparison,
      SharedDecisions decisions,
      LifecycleObservers observers,
      InstantSource clock) {
    this.access = access;
    this.federations = federations;
    this.rollouts = rollouts;
    this.candidate = candidate;
    this.comparison = comparison;
    this.decisions = decisions;
    this.observers = observers;
    this.clock = clock;
  }

  /** Returns the candidate and what it would change; refuses callers without {@code operate}. */
  public Outcome<CandidateReport> candidate(CallingOperator caller) {
    return access.admit(caller, Right.OPERATE).map(_ -> comparison.report());
  }

  /** Returns the revisions; refuses callers without {@code operate}. */
  public Outcome<RolloutStatus> status(CallingOperator caller) {
    return access.admit(caller, Right.OPERATE).map(_ -> status());
  }

  private RolloutStatus status() {
    List<String> problems = new ArrayList<>();
    federations.status().problems().stream().map(Problem::toString).forEach(problems::add);
    List<KeptRevision> kept =
        switch (rollouts.kept()) {
          case Outcome.Accepted<List<KeptRevision>>(List<KeptRevision> revisions) -> revisions;
          case Outcome.Refused<List<KeptRevision>>(Refusal why) -> {
            problems.add(why.seen());
            yield List.of();
          }
        };
    problems.addAll(decisions.problems());
    return new RolloutStatus(
        inForce(), candidate.revision(), rollouts.keepsHistory(), kept, problems);
  }

  private @Nullable String inForce() {
    return federations.current().map(Federation::revision).orElse(null);
  }

  /**
   * Compares two revisions.
   *
   * @param from the earlier one; empty for the one in force
   * @param to the later one; empty for the candidate
   * @return the differences; or a refusal of the caller, {@code REVISION_UNKNOWN} or {@code
   *     HISTORY_UNUSABLE}
   */
  public Outcome<RevisionDiff> diff(CallingOperator caller, String from, String to) {
    return access
        .admit(caller, Right.OPERATE)
        .then(_ -> named(from, inForce(), "a federation in force"))
        .then(
            earlier ->
                named(to, candidate.revision(), "a candidate without problems")
                    .then(later -> diff(earlier, later)));
  }

  private static Outcome<String> named(String given, @Nullable String otherwise, String expected) {
    if (!given.isEmpty() || otherwise != null) {
      return Outcome.accepted(given.isEmpty() && otherwise != null ? otherwise : given);
    }
    return Outcome.refused(
        Refusal.of(RefusalReason.REVISION_UNKNOWN).expected(expected).seen("none"));
  }

  private Outcome<RevisionDiff> diff(String from, String to) {
    return outline(from)
        .then(
            earlier ->
                outline(to)
                    .map(
                        later ->
                            new RevisionDiff(
                                from, to, DocumentDiff.between(earlier, later).entries())));
  }

  private Outcome<Outline> outline(String revision) {
    if (revision.equals(inForce())) {
      Optional<Outline> inForce = federations.outline();
      if (inForce.isPresent()) {
        return Outcome.accepted(inForce.get());
      }
    }
    Outline ofCandidate = candidate.status().outline();
    return ofCandidate != null && revision.equals(candidate.revision())
        ? Outcome.accepted(ofCandidate)
        : rollouts.outline(revision);
  }

  /**
   * Puts the candidate in force; refuses callers without {@code rollout}.
   *
   * @return the revisions after the change; or a refusal, after which nothing has changed: that of
   *     the caller or the request, or one of {@link Rollouts#promote}
   */
  public Outcome<RolloutStatus> promote(CallingOperator caller, RolloutRequest request) {
    return change(
        caller,
        request,
        RolloutAction.PROMOTED,
        order -> {
          Optional<Path> path = candidate.path();
          return path.isEmpty()
              ? Outcome.refused(
                  Refusal.of(RefusalReason.ROLLOUT_NOT_CONFIGURED)
                      .expected("token-broker.federation.candidate-path")
                      .seen("none"))
              : rollouts.promote(order, path.get());
        });
  }

  /** Puts a kept revision in force again; as {@link #promote}, and {@link Rollouts#rollBack}. */
  public Outcome<RolloutStatus> rollBack(CallingOperator caller, RolloutRequest request) {
    return change(caller, request, RolloutAction.ROLLED_BACK, rollouts::rollBack);
  }

  private Outcome<RolloutStatus> change(
      CallingOperator caller,
      RolloutRequest request,
      RolloutAction action,
      Function<RolloutOrder, Outcome<Federation>> ordered) {
    return observers.observed(
        Right.ROLLOUT,
        () ->
            access
                .admit(caller, Right.ROLLOUT)
                .then(
                    known ->
                        request
                            .checked()
                            .then(checked -> change(caller, known, checked, action, ordered))),
        _ -> action.label());
  }

  private Outcome<RolloutStatus> change(
      CallingOperator caller,
      KnownCaller known,
      RolloutRequest request,
      RolloutAction action,
      Function<RolloutOrder, Outcome<Federation>> ordered) {
    String before = inForce();
    Function<@Nullable RefusalReason, Optional<RefusalReason>> record =
        refused ->
            observers.unrecorded(
                new RolloutRecord(
                    clock.instant(),
                    caller.caller(),
                    known,
                    null,
                    action,
                    before,
                    request.revision(),
                    request.reason(),
                    refused));
    Outcome<Federation> outcome =
        ordered.apply(
            new RolloutOrder(
                decisions.next(),
                request.revision(),
                known.name(),
                request.reason(),
                () -> record.apply(null)));
    return switch (outcome) {
      case Outcome.Accepted<Federation> _ -> {
        decisions.announce();
        yield Outcome.accepted(status());
      }
      case Outcome.Refused<Federation>(Refusal why) ->
          Outcome.refused(record.apply(why.reason()).map(Refusal::of).orElse(why));
    };
  }
}
