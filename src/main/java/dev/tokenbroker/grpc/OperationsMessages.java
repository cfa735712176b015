package dev.tokenbroker.grpc;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.Place;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.diff.EntryDifference;
import dev.tokenbroker.federation.diff.ValueDifference;
import dev.tokenbroker.rehearsal.candidate.CandidateReport;
import dev.tokenbroker.rehearsal.candidate.DecisionDifference;
import dev.tokenbroker.rehearsal.candidate.FederationDecision;
import dev.tokenbroker.rehearsal.candidate.RevisionDiff;
import dev.tokenbroker.rehearsal.candidate.RolloutStatus;
import dev.tokenbroker.v1.Candidate;
import dev.tokenbroker.v1.CandidateDifference;
import dev.tokenbroker.v1.Decision;
import dev.tokenbroker.v1.EntryDiff;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.ValueDiff;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Maps what operators see to API messages. */
final class OperationsMessages {

  /** Clients accept messages of 4 MiB by default. */
  private static final int MAX_DIFFERENCE_BYTES = 3 << 20;

  private OperationsMessages() {}

  static Candidate candidate(CandidateReport report) {
    Candidate.Builder message =
        Candidate.newBuilder()
            .setRevision(text(report.revision()))
            .addAllProblems(report.problems().stream().map(Problem::toString).toList())
            .addAllWarnings(report.warnings().stream().map(Object::toString).toList())
            .setCasesPassed(report.cases().passed())
            .setCasesFailed(report.cases().failed())
            .addAllCaseFailures(report.cases().failures().stream().map(Problem::toString).toList())
            .setShare(report.share());
    if (report.loadedAt() != null) {
      message.setLoadTime(ExchangeMessages.timestamp(report.loadedAt()));
    }
    report.compared().forEach((effect, count) -> message.putCompared(effect.label(), count));
    report.skipped().forEach((cause, count) -> message.putSkipped(cause.label(), count));
    addDifferences(report.differences(), message);
    return message.build();
  }

  /** Adds the newest differences that fit into a message that clients accept by default. */
  private static void addDifferences(List<DecisionDifference> differences, Candidate.Builder to) {
    int bytes = 0;
    for (DecisionDifference each : differences) {
      CandidateDifference difference = difference(each);
      bytes += difference.getSerializedSize();
      if (bytes > MAX_DIFFERENCE_BYTES) {
        return;
      }
      to.addDifferences(difference);
    }
  }

  private static CandidateDifference difference(DecisionDifference difference) {
    return CandidateDifference.newBuilder()
        .setChange(difference.effect().label())
        .setIssuer(difference.issuer())
        .setSubject(difference.subject())
        .setTarget(difference.target())
        .addAllScopes(difference.scopes())
        .putAllClaims(difference.claims())
        .setInForce(decision(difference.inForce()))
        .setCandidate(decision(difference.candidate()))
        .setCount(difference.count())
        .setFirstTime(ExchangeMessages.timestamp(difference.firstTime()))
        .setLastTime(ExchangeMessages.timestamp(difference.lastTime()))
        .build();
  }

  private static Decision decision(FederationDecision decision) {
    return Decision.newBuilder()
        .setOutcome(decision.isAccepted() ? Outcome.OUTCOME_ACCEPTED : Outcome.OUTCOME_REFUSED)
        .setReason(decision.reason() == null ? "" : decision.reason().name())
        .setRule(text(decision.rule()))
        .setSubject(text(decision.subject()))
        .addAllScopes(decision.scopes())
        .build();
  }

  static Rollout rollout(RolloutStatus status) {
    Rollout.Builder message =
        Rollout.newBuilder()
            .setRevision(text(status.revision()))
            .setCandidateRevision(text(status.candidate()))
            .setKeepsHistory(status.keepsHistory())
            .addAllProblems(status.problems());
    status.kept().forEach(kept -> message.addKept(kept(kept)));
    return message.build();
  }

  private static dev.tokenbroker.v1.KeptRevision kept(KeptRevision kept) {
    return dev.tokenbroker.v1.KeptRevision.newBuilder()
        .setRevision(kept.revision())
        .setTime(ExchangeMessages.timestamp(kept.time()))
        .setAction(kept.action().label())
        .setBy(kept.by())
        .setReason(kept.reason())
        .build();
  }

  static dev.tokenbroker.v1.RevisionDiff diff(RevisionDiff diff) {
    var message =
        dev.tokenbroker.v1.RevisionDiff.newBuilder().setFrom(diff.from()).setTo(diff.to());
    diff.entries().forEach(entry -> message.addEntries(entry(entry)));
    return message.build();
  }

  private static EntryDiff entry(EntryDifference entry) {
    EntryDiff.Builder message =
        EntryDiff.newBuilder()
            .setSection(entry.section().label())
            .setName(entry.name())
            .setChange(entry.change().label())
            .setFromPlace(place(entry.from()))
            .setToPlace(place(entry.to()));
    entry.values().forEach(value -> message.addValues(value(value)));
    return message.build();
  }

  private static ValueDiff value(ValueDifference value) {
    return ValueDiff.newBuilder()
        .setPath(value.path())
        .setFrom(value.from())
        .setTo(value.to())
        .setFromPlace(place(value.fromPlace()))
        .setToPlace(place(value.toPlace()))
        .build();
  }

  private static String place(@Nullable Place place) {
    return place == null ? "" : place.file() + ":" + place.line();
  }

  private static String text(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}
