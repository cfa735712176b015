package dev.tokenbroker.edges.http;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryDifference;
import dev.tokenbroker.evaluate.federation.diff.ValueDifference;
import dev.tokenbroker.evaluate.federation.document.Place;
import dev.tokenbroker.evaluate.federation.document.Problem;
import dev.tokenbroker.operate.candidate.CandidateReport;
import dev.tokenbroker.operate.candidate.DecisionDifference;
import dev.tokenbroker.operate.candidate.FederationDecision;
import dev.tokenbroker.reports.Candidate;
import dev.tokenbroker.reports.CandidateDifference;
import dev.tokenbroker.reports.Decision;
import dev.tokenbroker.reports.EntryDiff;
import dev.tokenbroker.reports.ValueDiff;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the report that operators see of the candidate. */
final class CandidateMessages {

  private static final int MAX_DIFFERENCE_BYTES = 3 << 20;

  private CandidateMessages() {}

  static Candidate of(CandidateReport report) {
    Candidate.Builder message =
        Candidate.newBuilder()
            .setRevision(text(report.revision()))
            .addAllProblems(report.problems().stream().map(Problem::toString).toList())
            .addAllWarnings(report.warnings().stream().map(Object::toString).toList())
            .setCasesPassed(count(report.cases().passed()))
            .setCasesFailed(count(report.cases().failed()))
            .addAllCaseFailures(report.cases().failures().stream().map(Problem::toString).toList())
            .setShare(report.share());
    if (report.loadedAt() != null) {
      message.setLoadTime(timestamp(report.loadedAt()));
    }
    report.compared().forEach((effect, n) -> message.putCompared(effect.label(), count(n)));
    report.skipped().forEach((cause, n) -> message.putSkipped(cause.label(), count(n)));
    addDifferences(report.differences(), message);
    report.entries().forEach(entry -> message.addEntries(entry(entry)));
    return message.build();
  }

  /** Adds the newest differences, as many as {@value #MAX_DIFFERENCE_BYTES} bytes hold. */
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
        .setCount(count(difference.count()))
        .setFirstTime(timestamp(difference.firstTime()))
        .setLastTime(timestamp(difference.lastTime()))
        .build();
  }

  private static Decision decision(FederationDecision decision) {
    return Decision.newBuilder()
        .setOutcome(decision.isAccepted() ? "accepted" : "refused")
        .setReason(decision.reason() == null ? "" : decision.reason().name())
        .setRule(text(decision.rule()))
        .setSubject(text(decision.subject()))
        .addAllScopes(decision.scopes())
        .build();
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

  /** An unsigned number of 32 bits, which JSON has as a number; one of 64 bits would be a text. */
  private static int count(long count) {
    return (int) Math.min(count, 0xFFFF_FFFFL);
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamps.fromMillis(time.toEpochMilli());
  }

  private static String place(@Nullable Place place) {
    return place == null ? "" : place.file() + ":" + place.line();
  }

  private static String text(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}
