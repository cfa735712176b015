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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Opens and closes evaluations: each gets the federation of the moment, and is recorded exactly
 * once before its answer. Those that end in the same {@link Turn} are recorded together.
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

  /** Ends one with what it came to; the answer follows with the end of the turn. */
  void close(
      Evaluation evaluation, Judged<IssuedToken> judged, Turn turn, Consumer<Exchanged> answer) {
    Verdict verdict = evaluation.verdict(judged);
    end(evaluation.record(verdict, judged), judged.outcome(), turn, answer);
  }

  /**
   * Ends one by what it came to; what is thrown in finding that out is a bug, and an ending, too.
   */
  void close(
      Evaluation evaluation,
      Supplier<Judged<IssuedToken>> ending,
      Turn turn,
      Consumer<Exchanged> answer) {
    Judged<IssuedToken> judged;
    try {
      judged = ending.get();
    } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError bug) {
      log.errorf("Evaluation %s ended in a bug: %s", evaluation.id(), BugReport.of(bug));
      Refusal refusal = Refusal.of(RefusalReason.INTERNAL_ERROR);
      judged = Judged.refused(new Trail(), Step.REQUEST, refusal);
    }
    close(evaluation, judged, turn, answer);
  }

  /** Ends one with a token that was held; the answer follows with the end of the turn. */
  void close(
      Evaluation evaluation, CachedToken<Provenance> held, Turn turn, Consumer<Exchanged> answer) {
    Verdict verdict = evaluation.verdict(held.origin());
    end(evaluation.record(verdict, held), Outcome.accepted(held.token()), turn, answer);
  }

  /** Ends one that issues nothing. */
  Verdict explained(Evaluation evaluation, Judged<Grant> judged) {
    Verdict verdict = evaluation.verdict(judged);
    ExchangeRecord record = evaluation.record(verdict, judged);
    boolean _ = told(record);
    boolean _ = kept(List.of(record));
    return verdict;
  }

  private void end(
      ExchangeRecord record, Outcome<IssuedToken> outcome, Turn turn, Consumer<Exchanged> answer) {
    Outcome<IssuedToken> grantable =
        told(record) ? outcome : Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR));
    turn.add(new Ending(record, grantable, answer), this::answer);
  }

  private void answer(List<Ending> endings) {
    List<ExchangeRecord> records = new ArrayList<>(endings.size());
    for (Ending ending : endings) {
      records.add(ending.record());
    }
    boolean kept = kept(Collections.unmodifiableList(records));
    for (Ending ending : endings) {
      try {
        ending.answer(kept);
      } catch (RuntimeException bug) {
        // One caller's must not keep the others from their answers.
        log.errorf(
            "The answer to evaluation %s ended in a bug: %s",
            ending.record().verdict().id(), BugReport.of(bug));
      }
    }
  }

  private boolean told(ExchangeRecord record) {
    return all(observer -> observer.ended(record), record);
  }

  private boolean kept(List<ExchangeRecord> records) {
    return all(observer -> observer.keep(records), records.getFirst());
  }

  // One that fails must not keep the others from being told, and what is not recorded is not
  // granted.
  private boolean all(Consumer<ExchangeObserver> tell, ExchangeRecord first) {
    boolean recorded = true;
    for (ExchangeObserver observer : observers) {
      try {
        tell.accept(observer);
      } catch (RuntimeException bug) {
        recorded = false;
        log.errorf(
            "%s failed on evaluation %s, which is refused: %s",
            observer.getClass().getSimpleName(), first.verdict().id(), BugReport.of(bug));
      }
    }
    return recorded;
  }
}
