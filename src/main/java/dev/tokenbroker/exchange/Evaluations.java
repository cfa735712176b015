package dev.tokenbroker.exchange;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.token.CachedToken;
import dev.tokenbroker.token.IssuedToken;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Opens and closes evaluations: each gets the federation of the moment, and is recorded exactly
 * once before its answer.
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

  /** Begins one, by the federation of the moment. */
  Evaluation open(ExchangeRequest request, Intent intent) {
    return new Evaluation(request, intent, clock.instant(), federation.get().orElse(null));
  }

  /** Ends one with what it came to. */
  Exchanged close(Evaluation evaluation, Judged<IssuedToken> judged) {
    Verdict verdict = evaluation.verdict(judged);
    return recorded(evaluation.record(verdict, judged), judged.outcome());
  }

  /**
   * Ends one by what it came to; what is thrown in finding that out is a bug, and an ending, too.
   */
  Exchanged close(Evaluation evaluation, Supplier<Judged<IssuedToken>> ending) {
    try {
      return close(evaluation, ending.get());
    } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError bug) {
      log.errorf("Evaluation %s ended in a bug: %s", evaluation.id(), BugReport.of(bug));
      Refusal refusal = Refusal.of(RefusalReason.INTERNAL_ERROR);
      return close(evaluation, Judged.refused(new Trail(), Step.REQUEST, refusal));
    }
  }

  /** Ends one that issues nothing. */
  Verdict explained(Evaluation evaluation, Judged<Grant> judged) {
    Verdict verdict = evaluation.verdict(judged);
    boolean _ = tellAll(evaluation.record(verdict, judged));
    return verdict;
  }

  /** Ends one with a token that was held. */
  Exchanged close(Evaluation evaluation, CachedToken<Provenance> held) {
    Verdict verdict = evaluation.verdict(held.origin());
    return recorded(evaluation.record(verdict, held), Outcome.accepted(held.token()));
  }

  private Exchanged recorded(ExchangeRecord record, Outcome<IssuedToken> outcome) {
    return new Exchanged(
        tellAll(record) ? outcome : Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR)),
        record.verdict());
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
}
