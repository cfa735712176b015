package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/**
 * Times evaluations and counts how they ended.
 *
 * <p>Every label has a bounded set of values. Names come from the federation, never from a request,
 * and {@link BoundedCounters} limits what many revisions add up to. Timers exist from the start and
 * each counter is made once, so an exchange costs look-ups and additions. Safe for use by many
 * threads.
 *
 * <p>A step is timed for the evaluation that took it: see {@link ExchangeRecord#ownSteps}.
 */
@Singleton
public final class ExchangeMeters implements ExchangeObserver {

  /** The issuer label if no trusted issuer was found, and the upstream label without upstream. */
  private static final String NONE = "none";

  private static final Duration[] EXCHANGE_BUCKETS =
      millis(0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000);
  private static final Duration[] STEP_BUCKETS =
      millis(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 50, 250, 1000, 5000, 10_000);

  private final Map<Intent, Timer> accepted;
  private final Map<Intent, Timer> refused;
  private final Map<Step, Timer> passedSteps;
  private final Map<Step, Timer> failedSteps;
  private final Map<Intent, BoundedCounters<RefusalLabels>> refusals = new EnumMap<>(Intent.class);
  private final BoundedCounters<String> tokensIssued;

  public ExchangeMeters(MeterRegistry registry) {
    this.accepted = exchangeTimers(registry, "accepted");
    this.refused = exchangeTimers(registry, "refused");
    this.passedSteps = stepTimers(registry, Result.PASSED);
    this.failedSteps = stepTimers(registry, Result.FAILED);
    for (Intent intent : Intent.values()) {
      refusals.put(
          intent,
          new BoundedCounters<>(
              (issuer, labels) -> refusal(registry, intent, issuer, labels),
              labels -> new RefusalLabels(labels.reason(), BoundedCounters.OTHER)));
    }
    this.tokensIssued =
        new BoundedCounters<>(
            (issuer, target) ->
                BrokerMeter.TOKENS_ISSUED
                    .counter()
                    .tag(MeterLabels.ISSUER, issuer)
                    .tag(MeterLabels.TARGET, target)
                    .register(registry),
            target -> BoundedCounters.OTHER);
  }

  private record RefusalLabels(RefusalReason reason, String upstream) {}

  @Override
  public void ended(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    long nanos = record.duration().toNanos();
    String issuer = verdict.issuer() == null ? NONE : verdict.issuer();
    RefusalReason reason = verdict.reason();
    timer(reason == null ? accepted : refused, verdict.intent())
        .record(nanos, TimeUnit.NANOSECONDS);
    record.ownSteps().forEach(this::time);
    if (reason != null) {
      String upstream = record.upstream();
      refusalsOf(verdict.intent())
          .increment(issuer, new RefusalLabels(reason, upstream == null ? NONE : upstream));
    } else if (verdict.intent() == Intent.EXCHANGE) {
      tokensIssued.increment(issuer, verdict.target());
    }
  }

  private void time(Finding finding) {
    switch (finding.result()) {
      case PASSED ->
          timer(passedSteps, finding.step()).record(finding.nanos(), TimeUnit.NANOSECONDS);
      case FAILED ->
          timer(failedSteps, finding.step()).record(finding.nanos(), TimeUnit.NANOSECONDS);
      case SKIPPED -> {}
    }
  }

  private BoundedCounters<RefusalLabels> refusalsOf(Intent intent) {
    return Objects.requireNonNull(refusals.get(intent));
  }

  private static <K> Timer timer(Map<K, Timer> timers, K key) {
    return Objects.requireNonNull(timers.get(key));
  }

  private static Map<Intent, Timer> exchangeTimers(MeterRegistry registry, String outcome) {
    Map<Intent, Timer> timers = new EnumMap<>(Intent.class);
    for (Intent intent : Intent.values()) {
      timers.put(
          intent,
          BrokerMeter.EXCHANGE
              .timer()
              .tag(MeterLabels.INTENT, intent.label())
              .tag(MeterLabels.OUTCOME, outcome)
              .serviceLevelObjectives(EXCHANGE_BUCKETS)
              .register(registry));
    }
    return timers;
  }

  private static Map<Step, Timer> stepTimers(MeterRegistry registry, Result result) {
    Map<Step, Timer> timers = new EnumMap<>(Step.class);
    for (Step step : EnumSet.complementOf(EnumSet.of(Step.CACHE))) {
      timers.put(
          step,
          BrokerMeter.EXCHANGE_STEP
              .timer()
              .tag(MeterLabels.STEP, step.label())
              .tag(MeterLabels.RESULT, result.name().toLowerCase(Locale.ROOT))
              .serviceLevelObjectives(STEP_BUCKETS)
              .register(registry));
    }
    return timers;
  }

  private static Counter refusal(
      MeterRegistry registry, Intent intent, String issuer, RefusalLabels labels) {
    return BrokerMeter.REFUSALS
        .counter()
        .tag(MeterLabels.INTENT, intent.label())
        .tag(MeterLabels.REASON, labels.reason().name())
        .tag(MeterLabels.FAULT, labels.reason().fault().name().toLowerCase(Locale.ROOT))
        .tag(MeterLabels.ISSUER, issuer)
        .tag(MeterLabels.UPSTREAM, labels.upstream())
        .register(registry);
  }

  private static Duration[] millis(double... millis) {
    return DoubleStream.of(millis)
        .mapToObj(each -> Duration.ofNanos(Math.round(each * 1e6)))
        .toArray(Duration[]::new);
  }
}
