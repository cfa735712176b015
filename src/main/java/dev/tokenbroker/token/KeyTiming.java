package dev.tokenbroker.token;

import java.time.Duration;

/**
 * How far apart the turning points in the life of a signing key lie.
 *
 * @param rotationPeriod from the first signature of a generated key to that of its successor
 * @param publishBefore from the publication of a key to its first signature
 * @param retention from the last signature of a key to the end of its publication
 */
record KeyTiming(Duration rotationPeriod, Duration publishBefore, Duration retention) {

  /** The clock difference that verifiers may allow beyond a token's {@code exp}. */
  static final Duration VERIFIER_LEEWAY = Duration.ofSeconds(60);

  private static final Duration LONGEST_LIFETIME = Duration.ofHours(1);
  private static final String PREFIX = "token-broker.token.";

  KeyTiming {
    require(!rotationPeriod.isNegative() && !rotationPeriod.isZero(), "rotation-period", "be > 0");
    require(
        rotationPeriod.compareTo(publishBefore) >= 0,
        "rotation-period",
        "be at least publish-before, which is " + publishBefore);
  }

  /**
   * The timing that the settings ask for.
   *
   * @throws IllegalArgumentException naming the setting that would break the promise to verifiers
   */
  static KeyTiming of(TokenSettings settings) {
    require(!settings.jwksMaxAge().isNegative(), "jwks-max-age", "not be negative");
    require(settings.keyFilePollInterval().toMillis() > 0, "key-file-poll-interval", "be >= 1 ms");
    Duration maxLifetime = settings.maxLifetime();
    require(
        maxLifetime.toSeconds() >= 1 && maxLifetime.compareTo(LONGEST_LIFETIME) <= 0,
        "max-lifetime",
        "be from 1 s to 1 h");
    // A verifier may have fetched our keys just before a new one was noticed; until its copy ends
    // it cannot know the key, which therefore must not have signed by then.
    Duration unseen = settings.jwksMaxAge().plus(settings.keyFilePollInterval());
    require(
        settings.publishBefore().compareTo(unseen) >= 0,
        "publish-before",
        "be at least jwks-max-age and key-file-poll-interval together, which is " + unseen);
    return new KeyTiming(
        settings.rotationPeriod(), settings.publishBefore(), maxLifetime.plus(VERIFIER_LEEWAY));
  }

  private static void require(boolean condition, String setting, String demand) {
    if (!condition) {
      throw new IllegalArgumentException(PREFIX + setting + " must " + demand);
    }
  }
}
