package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Explanation;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Grant;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens and closes evaluations: each gets the current federation, and is recorded exactly once
 * before its response. An evaluation that cannot be recorded is refused. So observers see its end
 * only when that is known, and see what the caller sees.
 */
@Singleton
final class Evaluations {

  private static final Logger LOG = Logger.getLogger(Evaluations.class);

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

  /** Begins an evaluation by the current federation. */
  Evaluation open(ExchangeRequest request, Intent intent, Executor context) {
    return new Evaluation(request, intent, clock.instant(), federation.get().orElse(null), context);
  }

  /**
   * Begins one that no caller requested: of the same request, by the same federation. The client
   * that a caller states is that caller's alone.
   */
  Evaluation openRefresh(Evaluation asker) {
    return new Evaluation(
        asker.request().ofNobody(),
        Intent.REFRESH,
        clock.instant(),
        asker.federation(),
        Runnable::run);
  }

  /** Ends an evaluation with its result, once that is recorded. An exception is a bug. */
  CompletionStage<Exchanged> close(
      Evaluation run, CompletionStage<EvaluationResult<IssuedToken>> judged) {
    return judged.exceptionally(bug -> broken(run, bug)).thenCompose(result -> record(run, result));
  }

  /**
   * Ends an evaluation that issues nothing, and waits until it is recorded.
   *
   * @return its explanation; if it could not be recorded, a verdict that shows only that
   */
  Explanation explained(Evaluation run, EvaluationResult<Grant> result) {
    ExchangeRecord record = run.record(result);
    Optional<RefusalReason> lost =
        keep(record).handle((_, failure) -> lost(record, failure)).toCompletableFuture().join();
    ExchangeRecord told = lost.map(record::unkept).orElse(record);
    tell(told);
    return lost.isEmpty()
        ? new Explanation(told.verdict(), told.judged())
        : new Explanation(told.verdict().disclosedTo(Verdict.Reader.CALLER), null);
  }

  private CompletionStage<Exchanged> record(Evaluation run, EvaluationResult<IssuedToken> result) {
    ExchangeRecord record = run.record(result);
    return keep(record)
        .handle(
            (_, failure) ->
                lost(record, failure)
                    .map(why -> ended(run, record.unkept(why), Outcome.refused(Refusal.of(why))))
                    .orElseGet(() -> ended(run, record, result.outcome())));
  }

  private Exchanged ended(Evaluation run, ExchangeRecord told, Outcome<IssuedToken> outcome) {
    run.context().execute(() -> tell(told));
    return new Exchanged(outcome, told.verdict());
  }

  private static EvaluationResult<IssuedToken> broken(Evaluation run, Throwable bug) {
    LOG.errorf("Evaluation %s ended in a bug: %s", run.id(), BugReport.of(bug));
    return EvaluationResult.refused(
        new Trail(), Step.REQUEST, Refusal.of(RefusalReason.INTERNAL_ERROR));
  }

  private CompletionStage<Void> keep(ExchangeRecord record) {
    CompletionStage<Void> all = null;
    for (ExchangeObserver observer : observers) {
      CompletionStage<Void> kept = keep(observer, record);
      if (kept != null) {
        all = all == null ? kept : all.thenCombine(kept, (_, _) -> null);
      }
    }
    return all == null ? CompletableFuture.completedStage(null) : all;
  }

  private static @Nullable CompletionStage<Void> keep(
      ExchangeObserver observer, ExchangeRecord record) {
    try {
      return observer.keep(record);
    } catch (RuntimeException | Error failure) {
      return CompletableFuture.failedStage(failure);
    }
  }

  /** Why the caller is refused if no record was kept; empty if one was. */
  private static Optional<RefusalReason> lost(ExchangeRecord record, @Nullable Throwable failure) {
    if (failure == null) {
      return Optional.empty();
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof RejectedExecutionException) {
      return Optional.of(RefusalReason.BROKER_OVERLOADED);
    }
    if (!(cause instanceof UncheckedIOException)) {
      LOG.errorf(
          "No record of evaluation %s was kept, so it is refused: %s",
          record.verdict().id(), BugReport.of(failure));
    }
    return Optional.of(RefusalReason.INTERNAL_ERROR);
  }

  // A failing observer must not keep the others from being notified.
  private void tell(ExchangeRecord record) {
    for (ExchangeObserver observer : observers) {
      try {
        observer.ended(record);
      } catch (RuntimeException | Error bug) {
        LOG.errorf(
            "%s failed on evaluation %s: %s",
            observer.getClass().getSimpleName(), record.verdict().id(), BugReport.of(bug));
      }
    }
  }
}
