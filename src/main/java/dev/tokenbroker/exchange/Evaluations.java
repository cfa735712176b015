package dev.tokenbroker.exchange;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Opens and closes evaluations: each gets the federation of the moment, ends in a value whatever
 * happens inside, and is recorded exactly once before its answer.
 */
@Singleton
final class Evaluations {

  private static final Logger log = Logger.getLogger(Evaluations.class);

  private final Supplier<Optional<Federation>> federation;
  private final List<ExchangeObserver> observers;
  private final InstantSource clock;

  @Inject
  Evaluations(Federations federations, Instance<ExchangeObserver> observers, InstantSource clock) {
    this(federations::current, observers.stream().toList(), clock);
  }

  Evaluations(
      Supplier<Optional<Federation>> federation,
      List<ExchangeObserver> observers,
      InstantSource clock) {
    this.federation = federation;
    this.observers = observers;
    this.clock = clock;
  }

  <T> Ended<T> run(
      ExchangeRequest request, Intent intent, Function<Evaluation, Outcome<T>> judgement) {
    Evaluation evaluation =
        new Evaluation(request, intent, clock.instant(), federation.get().orElse(null));
    Outcome<T> outcome = judge(evaluation, judgement);
    Verdict verdict = evaluation.verdict();
    ExchangeRecord record = evaluation.record(verdict);
    boolean recorded = tellAll(record);
    return new Ended<>(
        recorded ? outcome : Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR)), verdict);
  }

  // One that fails must not keep the others from being told, and what is not recorded is not
  // granted.
  private boolean tellAll(ExchangeRecord record) {
    boolean recorded = true;
    for (ExchangeObserver observer : observers) {
      try {
        observer.ended(record);
      } catch (RuntimeException bug) {
        recorded = false;
        log.errorf(
            "%s failed on evaluation %s, which is refused: %s",
            observer.getClass().getSimpleName(), record.verdict().id(), BugReport.of(bug));
      }
    }
    return recorded;
  }

  /** What an evaluation came to. */
  record Ended<T>(Outcome<T> outcome, Verdict verdict) {}

  // A bug in one step must neither lose the record nor reach the caller as a stack trace, nor must
  // a class that is missing. Its message is not logged: a library may have put a piece of the
  // credential into it. The class and the place say enough to find it.
  private static <T> Outcome<T> judge(
      Evaluation evaluation, Function<Evaluation, Outcome<T>> judgement) {
    try {
      return judgement.apply(evaluation);
    } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError bug) {
      log.errorf("Evaluation %s ended in a bug: %s", evaluation.id(), BugReport.of(bug));
      Trail trail = evaluation.trail();
      return trail.refuse(firstOpenStep(trail), Refusal.of(RefusalReason.INTERNAL_ERROR));
    }
  }

  private static Step firstOpenStep(Trail trail) {
    return trail.findings().stream()
        .filter(finding -> finding.result() == Trail.Result.SKIPPED)
        .map(Trail.Finding::step)
        .findFirst()
        .orElse(Step.MINT);
  }
}
