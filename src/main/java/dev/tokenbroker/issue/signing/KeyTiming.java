package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import java.time.Duration;
import java.util.List;

/**
 * The intervals between the turning points in the life of a signing key.
 *
 * @param rotationPeriod from the first signature of a generated key to that of its successor
 * @param publishBefore from the publication of a key to its first signature
 * @param replicaLag how far apart replicas may see a change of the files
 * @param retention from the last signature of a key to the end of its publication
 */
public record KeyTiming(
    Duration rotationPeriod, Duration publishBefore, Duration replicaLag, Duration retention) {

  /** The clock difference that verifiers may allow beyond a token's {@code exp}. */
  static final Duration VERIFIER_LEEWAY = Duration.ofSeconds(60);

  private static final Duration SHORTEST_LIFETIME = Duration.ofSeconds(1);
  private static final Duration LONGEST_LIFETIME = Duration.ofHours(1);
  private static final Duration SHORTEST_POLL = Duration.ofMillis(1);

  /** The settings that would break the promise to verifiers or make no sense; empty if none do. */
  public static List<UnfitSetting> unfit(TokenSettings settings) {
    return limits(settings).unfit();
  }

  /**
   * The timing that the settings ask for.
   *
   * @throws IllegalArgumentException naming the first setting that is unfit
   */
  static KeyTiming of(TokenSettings settings) {
    limits(settings).require();
    return new KeyTiming(
        settings.rotationPeriod(),
        settings.publishBefore(),
        // With more lag, a new key would sign before the verifiers' copies contain it.
        settings.publishBefore().minus(settings.jwksMaxAge()),
        settings.maxLifetime().plus(VERIFIER_LEEWAY));
  }

  private static SettingLimits limits(TokenSettings settings) {
    // A verifier may have fetched our keys just before a new one was noticed. It cannot know that
    // key until its copy expires, so the key must not sign before that.
    Duration unseen = settings.jwksMaxAge().plus(settings.keyFilePollInterval());
    return new SettingLimits("token-broker.token.")
        .least("jwks-max-age", settings.jwksMaxAge(), Duration.ZERO)
        .least("key-file-poll-interval", settings.keyFilePollInterval(), SHORTEST_POLL)
        .within("max-lifetime", settings.maxLifetime(), SHORTEST_LIFETIME, LONGEST_LIFETIME)
        .demand(
            settings.publishBefore().compareTo(unseen) >= 0,
            "publish-before",
            "is " + settings.publishBefore() + ".",
            "Set it to jwks-max-age and key-file-poll-interval together at least, which is "
                + unseen
                + ".")
        .demand(
            settings.rotationPeriod().compareTo(settings.publishBefore()) >= 0,
            "rotation-period",
            "is " + settings.rotationPeriod() + ".",
            "Set it to publish-before at least, which is " + settings.publishBefore() + ".");
  }
}
