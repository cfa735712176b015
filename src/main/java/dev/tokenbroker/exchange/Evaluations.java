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
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Opens and closes evaluations: each gets the federation of the moment, and is recorded exactly
 * once before its answer. Those that end in the same {@link Turn} are recorded together. What
 * cannot be recorded is refused; so observers are told how an evaluation ended only when that is
 * known, and are told what the caller is.
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

  /** Begins one that nobody asked for: of the same request, by the same federation. */
  Evaluation openRefresh(Evaluation asker) {
    return new Evaluation(asker.request(), Intent.REFRESH, clock.instant(), asker.federation());
  }

  /** Ends one with what it came to; the answer follows with the end of the caller's turn. */
  void close(Evaluation evaluation, Judged<IssuedToken> judged, Waiting caller) {
    end(evaluation.record(judged), judged.outcome(), caller);
  }

  /**
   * Ends one by what it came to; what is thrown in finding that out is a bug, and an ending, too.
   */
  void close(Evaluation evaluation, Supplier<Judged<IssuedToken>> ending, Waiting caller) {
    close(evaluation, judged(evaluation, ending), caller);
  }

  /** Ends one with a bug. */
  void close(Evaluation evaluation, Throwable bug, Waiting caller) {
    close(evaluation, broken(evaluation, bug), caller);
  }

  /** Ends one with a token that was held; the answer follows with the end of the caller's turn. */
  void close(Evaluation evaluation, CachedToken<Provenance> held, Waiting caller) {
    end(evaluation.record(held), Outcome.accepted(held.token()), caller);
  }

  /** Ends one that no caller waits for, on this thread. */
  void close(
      Evaluation evaluation, Supplier<Judged<IssuedToken>> ending, Consumer<Exchanged> whenEnded) {
    Judged<IssuedToken> judged = judged(evaluation, ending);
    answer(
        List.of(new Ending(evaluation.record(judged), judged.outcome(), Runnable::run, whenEnded)));
  }

  /**
   * Ends one that issues nothing.
   *
   * @return its verdict; where it could not be recorded, nothing but that
   */
  Verdict explained(Evaluation evaluation, Judged<Grant> judged) {
    ExchangeRecord record = evaluation.record(judged);
    if (kept(List.of(record))) {
      tell(record);
      return record.verdict();
    }
    ExchangeRecord refused = record.unkept();
    tell(refused);
    return refused.verdict().disclosedTo(Verdict.Reader.CALLER);
  }

  private static Judged<IssuedToken> judged(
      Evaluation evaluation, Supplier<Judged<IssuedToken>> ending) {
    try {
      return ending.get();
    } catch (RuntimeException | Error bug) {
      return broken(evaluation, bug);
    }
  }

  private static Judged<IssuedToken> broken(Evaluation evaluation, Throwable bug) {
    log.errorf("Evaluation %s ended in a bug: %s", evaluation.id(), BugReport.of(bug));
    return Judged.refused(new Trail(), Step.REQUEST, Refusal.of(RefusalReason.INTERNAL_ERROR));
  }

  private void end(ExchangeRecord record, Outcome<IssuedToken> outcome, Waiting caller) {
    Home home = caller.home();
    home.turn().add(new Ending(record, outcome, home.executor(), caller.answer()), this::answer);
  }

  private void answer(List<Ending> endings) {
    List<ExchangeRecord> records = new ArrayList<>(endings.size());
    for (Ending ending : endings) {
      records.add(ending.record());
    }
    boolean kept = kept(Collections.unmodifiableList(records));
    for (Ending ending : endings) {
      ending.where().execute(() -> answer(kept ? ending : ending.unkept()));
    }
  }

  private void answer(Ending ending) {
    tell(ending.record());
    try {
      ending.answer().accept(ending.exchanged());
    } catch (RuntimeException | Error bug) {
      // One caller's must not keep the others from their answers.
      log.errorf(
          "The answer to evaluation %s ended in a bug: %s",
          ending.record().verdict().id(), BugReport.of(bug));
    }
  }

  // What is not recorded is not granted.
  private boolean kept(List<ExchangeRecord> records) {
    boolean kept = true;
    for (ExchangeObserver observer : observers) {
      try {
        observer.keep(records);
      } catch (UncheckedIOException logged) {
        kept = false;
      } catch (RuntimeException | Error failure) {
        kept = false;
        log.errorf(
            "%s keeps no record of evaluation %s and %d others, which are all refused: %s",
            observer.getClass().getSimpleName(),
            records.getFirst().verdict().id(),
            records.size() - 1,
            BugReport.of(failure));
      }
    }
    return kept;
  }

  // One that fails must not keep the others from being told.
  private void tell(ExchangeRecord record) {
    for (ExchangeObserver observer : observers) {
      try {
        observer.ended(record);
      } catch (RuntimeException | Error bug) {
        log.errorf(
            "%s failed on evaluation %s: %s",
            observer.getClass().getSimpleName(), record.verdict().id(), BugReport.of(bug));
      }
    }
  }
}
