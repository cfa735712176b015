package dev.tokenbroker.evaluate.exchange.admission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Limits how often each credential is evaluated: a rate in the long run, and a burst after a pause.
 * It is a token bucket, kept as in the generic cell rate algorithm of ITU-T I.371: one number for
 * each credential, the moment at which its bucket is full again.
 *
 * <p>The last {@value #MAX_CREDENTIALS} credentials are known, the often used ones longest. A
 * forgotten credential gets a new burst: a caller with that many credentials is not limited here,
 * and does not limit others either. Safe for use by any number of threads.
 */
final class CredentialRates {

  static final int MAX_CREDENTIALS = 10_000;

  private final long intervalNanos;
  private final long burstNanos;
  private final LongSupplier nanoTime;
  private final Cache<CredentialDigest, AtomicLong> fullAgain;

  /**
   * @param rate evaluations per second; 0 for no limit
   * @param burst at least 1
   */
  CredentialRates(int rate, int burst, LongSupplier nanoTime) {
    this.intervalNanos = rate <= 0 ? 0 : Math.max(1, TimeUnit.SECONDS.toNanos(1) / rate);
    this.burstNanos = intervalNanos * Math.max(1, burst);
    this.nanoTime = nanoTime;
    this.fullAgain =
        Caffeine.newBuilder()
            .maximumSize(MAX_CREDENTIALS)
            // By then the bucket is full, and forgetting it changes nothing.
            .expireAfterAccess(Duration.ofNanos(burstNanos).plusSeconds(1))
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /**
   * Takes one evaluation of that credential.
   *
   * @return 0 if it may begin; else the nanoseconds until the next one may, and none was taken
   */
  long take(CredentialDigest credential) {
    if (intervalNanos == 0 || credential.equals(CredentialDigest.NONE)) {
      return 0;
    }
    long now = nanoTime.getAsLong();
    AtomicLong bucket = fullAgain.get(credential, unknown -> new AtomicLong(now));
    while (true) {
      long full = bucket.get();
      long next = (full - now > 0 ? full : now) + intervalNanos;
      long over = next - now - burstNanos;
      if (over > 0) {
        return over;
      }
      if (bucket.compareAndSet(full, next)) {
        return 0;
      }
    }
  }

  /** Gives back an evaluation that did not begin. */
  void giveBack(CredentialDigest credential) {
    AtomicLong bucket = intervalNanos == 0 ? null : fullAgain.getIfPresent(credential);
    if (bucket != null) {
      bucket.addAndGet(-intervalNanos);
    }
  }
}
