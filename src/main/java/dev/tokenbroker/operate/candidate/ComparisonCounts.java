package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.operate.cases.CandidateEffect;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts sampled exchanges by effect, and by the cause if they are skipped. Safe for any thread.
 */
public final class ComparisonCounts {

  private final Map<CandidateEffect, LongAdder> compared = new EnumMap<>(CandidateEffect.class);
  private final Map<SkipCause, LongAdder> skipped = new EnumMap<>(SkipCause.class);

  public ComparisonCounts() {
    for (CandidateEffect effect : CandidateEffect.values()) {
      if (effect != CandidateEffect.NOT_REPLAYABLE) {
        compared.put(effect, new LongAdder());
      }
    }
    for (SkipCause cause : SkipCause.values()) {
      skipped.put(cause, new LongAdder());
    }
  }

  void add(CandidateEffect effect) {
    Objects.requireNonNull(compared.get(effect)).increment();
  }

  void add(SkipCause cause) {
    Objects.requireNonNull(skipped.get(cause)).increment();
  }

  /** The number of compared exchanges by each effect that a comparison can have. */
  public Map<CandidateEffect, Long> compared() {
    Map<CandidateEffect, Long> sums = new EnumMap<>(CandidateEffect.class);
    compared.forEach((effect, count) -> sums.put(effect, count.sum()));
    return Collections.unmodifiableMap(sums);
  }

  /** The number of skipped exchanges by each cause. */
  public Map<SkipCause, Long> skipped() {
    Map<SkipCause, Long> sums = new EnumMap<>(SkipCause.class);
    skipped.forEach((cause, count) -> sums.put(cause, count.sum()));
    return Collections.unmodifiableMap(sums);
  }

  /** The cause why a sampled exchange is not compared. */
  public enum SkipCause {
    /** Too many exchanges wait for the comparison. */
    QUEUE_FULL,
    /** The exchange ended before the rules of the federation in force. */
    NOT_JUDGED,
    /** The exchange was judged by a federation that is no longer in force. */
    OTHER_REVISION,
    /** A bug ended the comparison. */
    FAILED;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in reports and meters: {@code queue-full}. */
    public String label() {
      return label;
    }
  }
}
