package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.time.Clocks;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keys made by this process: one that signs, and its successor. The successor is made as soon as
 * its predecessor signs: long before it must be published, and never while a request waits. With a
 * shared store it joins the schedule once all replicas publish it.
 */
final class GeneratedKeys implements KeySupply {

  private static final Logger LOG = Logger.getLogger(GeneratedKeys.class);

  private final SigningAlgorithm algorithm;
  private final SignatureProvider provider;
  private final KeyTiming timing;
  private final Clocks clock;
  private final ReplicaKeys replicas;
  private final BooleanSupplier mayBegin;

  /** The first key or the successor, until all replicas publish it. */
  private volatile List<SigningKey> waiting = List.of();

  /** Since when all others have published the first key, in nanoseconds; null while not all do. */
  private @Nullable Long servedSince;

  /** Since when the preferred key has been far off, in nanoseconds; null while it is not. */
  private @Nullable Long farSince;

  /**
   * @param mayBegin whether the first key may sign before it has been published for publish-before
   */
  GeneratedKeys(
      SigningAlgorithm algorithm,
      SignatureProvider provider,
      BooleanSupplier mayBegin,
      KeySupply.Publication publication) {
    this.algorithm = algorithm;
    this.provider = provider;
    this.mayBegin = mayBegin;
    this.timing = publication.timing();
    this.clock = publication.clock();
    this.replicas = publication.replicas();
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    if (schedule.isEmpty()) {
      return first(schedule);
    }
    Instant now = clock.instant();
    boolean farForLong = isFarForLong(schedule, now);
    if (!schedule.awaitsSuccessor(now)) {
      return farForLong ? schedule.nearer(now, timing) : schedule;
    }
    // The time is read once the key exists: no earlier response can have contained the key.
    SigningKey successor = next();
    if (!replicas.isServedByOthers(successor.kid())) {
      return schedule;
    }
    return schedule.followedBy(successor, clock.instant(), timing);
  }

  @Override
  public List<SigningKey> waiting() {
    return waiting;
  }

  @Override
  public void settle(KeySchedule schedule) {
    if (waiting.stream().allMatch(key -> schedule.has(key.kid()))) {
      waiting = List.of();
    }
  }

  private SigningKey next() {
    if (waiting.isEmpty()) {
      waiting = List.of(SigningKey.generate(algorithm, provider));
    }
    return waiting.getFirst();
  }

  /**
   * The first key signs at once if no other replica is up and none has been fetched: then no
   * verifier expects to know it. Else it waits until all have published it for publish-before.
   */
  private KeySchedule first(KeySchedule none) {
    if (!replicas.isKnown()) {
      return none;
    }
    boolean joins = waiting.isEmpty();
    SigningKey first = next();
    if (mayBegin.getAsBoolean() || servedForLong(first)) {
      return KeySchedule.startingWith(first, clock.instant());
    }
    if (joins) {
      LOG.infof(
          "Verifiers may have fetched keys already. A new key signs by %s once all replicas have"
              + " published it for %s. Key files that all replicas share need no such wait.",
          algorithm.jwaName(), timing.publishBefore());
    }
    return none;
  }

  private boolean servedForLong(SigningKey first) {
    if (!replicas.isServedByOthers(first.kid())) {
      servedSince = null;
      return false;
    }
    long nanos = clock.nanoTime();
    if (servedSince == null) {
      servedSince = nanos;
    }
    return nanos - servedSince >= timing.publishBefore().toNanos();
  }

  /**
   * Whether that has lasted for publish-before, so that all keys have been published for so long.
   */
  private boolean isFarForLong(KeySchedule schedule, Instant now) {
    if (!schedule.isFar(now, timing)) {
      farSince = null;
      return false;
    }
    long nanos = clock.nanoTime();
    if (farSince == null) {
      farSince = nanos;
    }
    return nanos - farSince >= timing.publishBefore().toNanos();
  }
}
