package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.candidate.Candidate;
import dev.tokenbroker.operate.candidate.Candidate.CandidateStatus;
import dev.tokenbroker.operate.candidate.Comparison;
import dev.tokenbroker.operate.candidate.ComparisonCounts;
import dev.tokenbroker.operate.candidate.ComparisonCounts.SkipCause;
import dev.tokenbroker.operate.cases.CandidateEffect;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Supplier;

/** Meters of the candidate federation: its revision and problems, and what it would change. */
@Singleton
final class CandidateMeters {

  private final Supplier<CandidateStatus> status;
  private final MultiGauge info;

  @Inject
  CandidateMeters(MeterRegistry registry, Candidate candidate, Comparison comparison) {
    this(registry, candidate::status, comparison.totals());
  }

  CandidateMeters(
      MeterRegistry registry, Supplier<CandidateStatus> status, ComparisonCounts totals) {
    this.status = status;
    this.info =
        MultiGauge.builder(MeterNames.CANDIDATE_INFO)
            .description("1 for the revision of the candidate; no other is present")
            .register(registry);
    Gauge.builder(MeterNames.CANDIDATE_PROBLEMS, this, CandidateMeters::problems)
        .description("Problems of the candidate's document; with any, nothing is compared")
        .register(registry);
    totals.compared().keySet().forEach(effect -> compared(effect).register(registry, () -> totals));
    totals.skipped().keySet().forEach(cause -> skipped(cause).register(registry, () -> totals));
  }

  private static StateMeter<ComparisonCounts> compared(CandidateEffect effect) {
    return StateMeter.<ComparisonCounts>counter(
            MeterNames.CANDIDATE_EXCHANGES,
            "Exchanges that the candidate judged as well, by what it would change",
            counts -> counts.compared().getOrDefault(effect, 0L))
        .with(MeterLabels.CHANGE, effect.label());
  }

  private static StateMeter<ComparisonCounts> skipped(SkipCause cause) {
    return StateMeter.<ComparisonCounts>counter(
            MeterNames.CANDIDATE_SKIPPED,
            "Exchanges that were sampled for the candidate and not compared",
            counts -> counts.skipped().getOrDefault(cause, 0L))
        .with(MeterLabels.CAUSE, cause.label());
  }

  private int problems() {
    return status.get().problems().size();
  }

  /** Shows the present revision of the candidate. */
  void follow() {
    Federation candidate = status.get().federation();
    info.register(
        candidate == null
            ? List.of()
            : List.of(
                MultiGauge.Row.of(
                    Tags.of(MeterLabels.REVISION, Federation.shortened(candidate.revision())), 1)));
  }
}
