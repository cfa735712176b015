package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.operate.candidate.ComparisonCounts.SkipCause;
import dev.tokenbroker.operate.cases.CandidateEffect;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares the decisions of the federation in force and of the candidate, for a share of the
 * exchanges. An exchange only puts its record into a queue, and never waits: a thread of its own
 * judges. If the queue is full, the exchange counts as skipped.
 *
 * <p>Safe for use by any number of threads.
 */
@Singleton
public final class Comparison implements ExchangeObserver {

  static final int QUEUE = 4_096;

  /** Polling costs an exchange less than waking the thread would. */
  private static final Duration DRAIN = Duration.ofMillis(10);

  private final Candidate candidate;
  private final Supplier<Optional<Federation>> inForce;
  private final Supplier<Optional<Outline>> outline;
  private final double share;
  private final BlockingQueue<ExchangeRecord> queue = new ArrayBlockingQueue<>(QUEUE);
  private final ComparisonCounts totals = new ComparisonCounts();
  private volatile @Nullable CandidateTrial trial;
  private final Rounds rounds =
      new Rounds(
          Comparison.class, "candidate-comparison", "The comparison with the candidate failed");

  @Inject
  Comparison(FederationSettings settings, Candidate candidate, Federations federations) {
    this(candidate, federations::current, federations::outline, settings.candidateShare());
  }

  /**
   * @param inForce returns the federation in force
   * @param outline returns its outline
   * @param share the share of exchanges to compare, above 0 and at most 1
   */
  Comparison(
      Candidate candidate,
      Supplier<Optional<Federation>> inForce,
      Supplier<Optional<Outline>> outline,
      double share) {
    this.candidate = candidate;
    this.inForce = inForce;
    this.outline = outline;
    this.share = share;
  }

  void start(@Observes Startup event) {
    if (candidate.path().isPresent()) {
      rounds.begin(DRAIN, this::drain);
    }
  }

  void stop(@Observes Shutdown event) {
    rounds.close();
  }

  @Override
  public void ended(ExchangeRecord record) {
    if (!candidate.isLoaded() || record.verdict().intent() != Intent.EXCHANGE || !isSampled()) {
      return;
    }
    if (record.judged() == null) {
      skip(SkipCause.NOT_JUDGED);
    } else if (!queue.offer(record)) {
      skip(SkipCause.QUEUE_FULL);
    }
  }

  private boolean isSampled() {
    return share >= 1 || ThreadLocalRandom.current().nextDouble() < share;
  }

  /** The numbers since the start of the process, for meters. */
  public ComparisonCounts totals() {
    return totals;
  }

  /** The candidate, and what it would change, as of now. */
  public CandidateReport report() {
    return CandidateReport.of(candidate.status(), share, trial(), outline.get());
  }

  /** The trial of the candidate and the federation in force; null unless there are both. */
  @Nullable CandidateTrial trial() {
    CandidateTrial known = trial;
    Federation current = inForce.get().orElse(null);
    Federation next = candidate.federation();
    return known != null && known.isOf(current, next) ? known : begin();
  }

  private synchronized @Nullable CandidateTrial begin() {
    Federation current = inForce.get().orElse(null);
    Federation next = candidate.federation();
    CandidateTrial known = trial;
    if (known == null || !known.isOf(current, next)) {
      trial = current == null || next == null ? null : new CandidateTrial(current, next);
    }
    return trial;
  }

  private void skip(SkipCause cause) {
    totals.add(cause);
    CandidateTrial current = trial();
    if (current != null) {
      current.counts().add(cause);
    }
  }

  // --- on the comparing thread

  /** Compares all waiting exchanges. */
  void drain() {
    List<ExchangeRecord> records = new ArrayList<>();
    while (queue.drainTo(records) > 0) {
      for (ExchangeRecord record : records) {
        if (!rounds.part(() -> compare(record))) {
          skip(SkipCause.FAILED);
        }
      }
      records.clear();
    }
  }

  private void compare(ExchangeRecord record) {
    CandidateTrial current = trial();
    Judged judged = record.judged();
    if (current == null || judged == null) {
      return; // the candidate has problems by now
    }
    if (!current.covers(record)) {
      skip(SkipCause.OTHER_REVISION);
      return;
    }
    CandidateEffect effect = current.compare(record, judged);
    totals.add(effect);
    current.counts().add(effect);
  }
}
