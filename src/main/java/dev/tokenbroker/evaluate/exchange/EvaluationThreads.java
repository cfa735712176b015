package dev.tokenbroker.evaluate.exchange;

import static java.util.concurrent.CompletableFuture.completedStage;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.Admitted;
import dev.tokenbroker.evaluate.exchange.cache.Flight;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Grant;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Runs evaluations that {@link Admission} admits, each on a virtual thread of its own, where it may
 * wait. Safe for use by any number of threads; only {@link #here} blocks.
 */
@Singleton
public final class EvaluationThreads {

  private static final int IDLE_SECONDS = 10;

  private final Admission admission;
  private final Duration maxDuration;
  private final Executor threads;
  private final AtomicInteger underWay = new AtomicInteger();
  private final ScheduledExecutorService alarms = alarms();
  private final LongAdder begun = new LongAdder();
  private final LongAdder joined = new LongAdder();

  @Inject
  EvaluationThreads(Admission admission, ExchangeSettings settings) {
    this(
        admission, settings.maxDuration(), task -> Thread.ofVirtual().name("exchange").start(task));
  }

  /**
   * @param maxDuration the longest that an evaluation may take
   * @param threads runs one task on a thread that may wait
   */
  EvaluationThreads(Admission admission, Duration maxDuration, Executor threads) {
    this.admission = admission;
    this.maxDuration = maxDuration;
    this.threads = threads;
  }

  private static ScheduledExecutorService alarms() {
    ScheduledThreadPoolExecutor alarms =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("exchange-deadlines").factory());
    alarms.setRemoveOnCancelPolicy(true);
    alarms.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    alarms.allowCoreThreadTimeOut(true); // so it needs no shutdown
    return alarms;
  }

  /** Runs a task that may wait, before it is known whether there is anything to evaluate. */
  <T> CompletionStage<T> supply(Supplier<CompletionStage<T>> task) {
    return CompletableFuture.supplyAsync(task, threads).thenCompose(Function.identity());
  }

  /** Goes on with a result on a thread that may wait: on this one, if there is a result. */
  <T> CompletionStage<T> then(CompletionStage<T> stage, UnaryOperator<T> next) {
    CompletableFuture<T> result = stage.toCompletableFuture();
    return result.isDone()
        ? completedStage(next.apply(result.join()))
        : result.thenApplyAsync(next, threads);
  }

  /** The latest end of an evaluation that begins now, for all callers that wait for it. */
  Deadline longest() {
    return Deadline.limit(maxDuration);
  }

  /**
   * Evaluates on a thread of its own, unless the flight has landed already.
   *
   * @param land ends the flight, exactly once
   */
  void begin(
      Flight flight,
      BiFunction<EvaluationContext, Deadline, Outcome<IssuedToken>> steps,
      BiConsumer<Flight, EvaluationResult<IssuedToken>> land) {
    if (flight.isDone()) {
      return;
    }
    EvaluationContext context = flight.context();
    Admitted admitted = admission.admit(context.key().credential(), flight.latestDeadline());
    if (admitted instanceof Admitted.NotAdmitted(Refusal why)) {
      land(flight, context.notAdmitted(why), land);
      return;
    }
    begun.increment();
    underWay.incrementAndGet();
    Runnable evaluation =
        () -> {
          EvaluationResult<IssuedToken> result =
              admitted.through(
                  flight::latestDeadline,
                  () -> context.evaluate(run -> steps.apply(run, flight.limit())),
                  context::notAdmitted);
          underWay.decrementAndGet();
          land(flight, result, land);
        };
    try {
      threads.execute(evaluation);
    } catch (RuntimeException | Error noThread) {
      underWay.decrementAndGet();
      admitted.close();
      land(flight, context.broken(noThread), land);
    }
  }

  /** Ends a flight even if a bug breaks keeping its result: no caller may wait for ever. */
  private static void land(
      Flight flight,
      EvaluationResult<IssuedToken> result,
      BiConsumer<Flight, EvaluationResult<IssuedToken>> land) {
    try {
      land.accept(flight, result);
    } catch (RuntimeException | Error bug) {
      flight.complete(new IssuedTokens.CacheEntry(flight.context().broken(bug), null));
    }
  }

  /** The result of a flight, until that deadline. */
  CompletionStage<EvaluationResult<IssuedToken>> await(Flight flight, Deadline deadline) {
    return flight.within(deadline, alarms);
  }

  /** Waits for an evaluation made for another caller, unless too many callers wait already. */
  CompletionStage<EvaluationResult<IssuedToken>> join(
      Flight flight, Flight own, Evaluation run, Deadline deadline) {
    Optional<Refusal> full = admission.admitSharer(flight.sharers());
    if (full.isPresent()) {
      return completedStage(own.context().notAdmitted(full.get()));
    }
    run.joined();
    joined.increment();
    return await(flight, deadline).whenComplete((_, _) -> admission.sharerLeft(flight.sharers()));
  }

  /** Evaluates for one caller, on this thread, which may wait. */
  EvaluationResult<Grant> here(
      EvaluationContext context,
      Deadline deadline,
      Function<EvaluationContext, Outcome<Grant>> steps) {
    return admission
        .admit(context.key().credential(), deadline)
        .through(() -> deadline, () -> context.evaluate(steps), context::notAdmitted);
  }

  /** The result of a request that is refused for load. */
  <T> EvaluationResult<T> overloaded() {
    return EvaluationResult.refused(new Trail(), Step.ADMISSION, admission.overloaded());
  }

  /** How many evaluations are under way, were begun, and were joined. */
  public FlightsStatus status() {
    return new FlightsStatus(underWay.get(), begun.sum(), joined.sum());
  }

  /**
   * How shared evaluations stand at one moment.
   *
   * @param underWay those under way
   * @param begun those begun since the start
   * @param joined the callers who have joined another caller's evaluation since the start
   */
  public record FlightsStatus(int underWay, long begun, long joined) {}
}
