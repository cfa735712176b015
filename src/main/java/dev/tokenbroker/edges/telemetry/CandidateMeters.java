package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.candidate.Candidate;
import dev.tokenbroker.operate.candidate.Candidate.CandidateStatus;
import dev.tokenbroker.operate.candidate.Comparison;
import dev.tokenbroker.operate.candidate.ComparisonCounts;
import dev.tokenbroker.operate.candidate.ComparisonCounts.SkipCause;
import dev.tokenbroker.operate.cases.CandidateEffect;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.Supplier;

/** Meters of the candidate federation: its revision and problems, and what it would change. */
@Singleton
final class CandidateMeters {

  private final Supplier<CandidateStatus> status;
  private final RevisionMeter info;

  @Inject
  CandidateMeters(MeterRegistry registry, Candidate candidate, Comparison comparison) {
    this(registry, candidate::status, comparison.totals());
  }

  CandidateMeters(
      MeterRegistry registry, Supplier<CandidateStatus> status, ComparisonCounts totals) {
    this.status = status;
    this.info = new RevisionMeter(registry, BrokerMeter.CANDIDATE_INFO);
    StateMeter.<CandidateStatus>gauge(BrokerMeter.CANDIDATE_PROBLEMS, now -> now.problems().size())
        .register(registry, status);
    totals.compared().keySet().forEach(effect -> compared(effect).register(registry, () -> totals));
    totals.skipped().keySet().forEach(cause -> skipped(cause).register(registry, () -> totals));
  }

  private static StateMeter<ComparisonCounts> compared(CandidateEffect effect) {
    return StateMeter.<ComparisonCounts>counter(
            BrokerMeter.CANDIDATE_EXCHANGES, counts -> counts.compared().getOrDefault(effect, 0L))
        .with(MeterLabels.CHANGE, effect.label());
  }

  private static StateMeter<ComparisonCounts> skipped(SkipCause cause) {
    return StateMeter.<ComparisonCounts>counter(
            BrokerMeter.CANDIDATE_SKIPPED, counts -> counts.skipped().getOrDefault(cause, 0L))
        .with(MeterLabels.CAUSE, cause.label());
  }

  /** Shows the present revision of the candidate. */
  void follow() {
    Federation candidate = status.get().federation();
    info.follow(candidate == null ? null : candidate.revision());
  }
}
