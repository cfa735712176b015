package dev.tokenbroker.exchange;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The verdicts of the last while, for operators who were given an id. Bounded in number and time.
 *
 * <p>A ring: to keep one costs every exchange a store, and to find one costs an operator a walk
 * through all, which is the right way round. One that is older than its time stays in memory until
 * its place is taken, and is not found. Safe for use by many threads.
 */
@Singleton
public final class Verdicts implements ExchangeObserver {

  private final AtomicReferenceArray<Verdict> recent;
  private final AtomicLong kept = new AtomicLong();
  private final Duration ttl;
  private final InstantSource clock;

  Verdicts(ExchangeSettings settings, InstantSource clock) {
    this.recent = new AtomicReferenceArray<>(Math.max(0, settings.maxVerdicts()));
    this.ttl = settings.verdictTtl();
    this.clock = clock;
  }

  @Override
  public void ended(ExchangeRecord record) {
    if (recent.length() > 0) {
      int place = (int) (kept.getAndIncrement() % recent.length());
      recent.lazySet(place, record.verdict());
    }
  }

  /** The whole verdict of that id; empty where there is none or it has gone. */
  public Optional<Verdict> find(String id) {
    for (int place = 0; place < recent.length(); place++) {
      Verdict verdict = recent.get(place);
      if (verdict != null && verdict.id().equals(id)) {
        boolean current = verdict.evaluationTime().plus(ttl).isAfter(clock.instant());
        return current ? Optional.of(verdict) : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
