package dev.tokenbroker.judge.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.jose.VerificationKey;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The named keys that fetches from one source withdrew, one for each name: at most {@value
 * #MAX_KEYS}, for an hour each. Safe for use by several threads.
 */
final class WithdrawnKeys {

  static final int MAX_KEYS = 16;
  static final Duration KEPT_FOR = Duration.ofHours(1);

  private final Cache<String, WitnessKey> byKid;

  /**
   * @param nanoTime the monotonic clock
   */
  WithdrawnKeys(LongSupplier nanoTime) {
    byKid =
        Caffeine.newBuilder()
            .maximumSize(MAX_KEYS)
            .expireAfterWrite(KEPT_FOR)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /**
   * Keeps the keys of a key set that the next one lacks. A key that comes back may stay here: what
   * it signs is accepted by the key set, so nobody asks for it here.
   */
  void replace(KeyRing before, KeyRing after) {
    for (VerificationKey key : before.all()) {
      String kid = key.kid();
      if (kid != null && !KeyRing.thumbprints(after.candidates(kid)).contains(key.thumbprint())) {
        byKid.put(kid, new WitnessKey(key));
      }
    }
  }

  Optional<WitnessKey> named(String kid) {
    return Optional.ofNullable(byKid.getIfPresent(kid));
  }
}
