package dev.tokenbroker.evaluate.revocation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits failed attempts to authenticate by a secret, for each address: at most {@value #MOST} a
 * minute, for {@value #ADDRESSES} addresses. There is no limit for each client, because any
 * stranger could lock a client out with it. Thread-safe.
 */
final class FailedAttempts {

  static final int MOST = 20;

  private static final int ADDRESSES = 10_000;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Cache<String, AtomicInteger> byAddress =
      Caffeine.newBuilder()
          .maximumSize(ADDRESSES)
          .expireAfterWrite(WINDOW)
          .executor(Runnable::run)
          .build();

  /**
   * The refusal {@code AUTHENTICATION_RATE_LIMITED} if too many attempts from an address have
   * failed; else empty.
   */
  Optional<Refusal> limit(String address) {
    AtomicInteger failed = byAddress.getIfPresent(address);
    return failed != null && failed.get() >= MOST
        ? Optional.of(Refusal.of(RefusalReason.AUTHENTICATION_RATE_LIMITED).retryAfter(WINDOW))
        : Optional.empty();
  }

  void add(String address) {
    byAddress.get(address, _ -> new AtomicInteger()).incrementAndGet();
  }
}
