package dev.tokenbroker.signing;

import dev.tokenbroker.jose.SignatureProvider;
import dev.tokenbroker.jose.SigningAlgorithm;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys made by this process: one that signs, and its successor. The successor is made as soon as
 * its predecessor signs: long before it must be published, and never while a request waits.
 */
final class GeneratedKeys implements KeySupply {

  private final SigningAlgorithm algorithm;
  private final SignatureProvider provider;
  private final KeyTiming timing;
  private final InstantSource clock;
  private final LongSupplier nanoTime;

  /** Since when the preferred key has been far off, in nanoseconds; null while it is not. */
  private @Nullable Long farSince;

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  GeneratedKeys(
      SigningAlgorithm algorithm,
      SignatureProvider provider,
      KeyTiming timing,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.algorithm = algorithm;
    this.provider = provider;
    this.timing = timing;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    if (schedule.isEmpty()) {
      SigningKey first = SigningKey.generate(algorithm, provider);
      return KeySchedule.startingWith(first, clock.instant());
    }
    Instant now = clock.instant();
    boolean farForLong = isFarForLong(schedule, now);
    if (!schedule.awaitsSuccessor(now)) {
      return farForLong ? schedule.nearer(now, timing) : schedule;
    }
    // The time is read once the key exists: no earlier response can have contained the key.
    SigningKey successor = SigningKey.generate(algorithm, provider);
    return schedule.followedBy(successor, clock.instant(), timing);
  }

  /**
   * Whether that has lasted for publish-before, so that all keys have been published for so long.
   */
  private boolean isFarForLong(KeySchedule schedule, Instant now) {
    if (!schedule.isFar(now, timing)) {
      farSince = null;
      return false;
    }
    long nanos = nanoTime.getAsLong();
    if (farSince == null) {
      farSince = nanos;
    }
    return nanos - farSince >= timing.publishBefore().toNanos();
  }
}
