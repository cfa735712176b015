package dev.tokenbroker.policy;

import java.time.Duration;

/**
 * A service that tokens can be had for.
 *
 * @param audience its name, which becomes the {@code aud} of the token
 * @param lifetime how long a token for it may live, 1 s to 1 h
 */
public record Target(String audience, Duration lifetime) {

  /** The audience of this broker itself: its tokens let operators read verdicts. */
  public static final String OPERATORS_AUDIENCE = "token-broker";

  public static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(10);
  public static final Duration MIN_LIFETIME = Duration.ofSeconds(1);
  public static final Duration MAX_LIFETIME = Duration.ofHours(1);

  /** Always there, without being declared. */
  public static final Target OPERATORS = new Target(OPERATORS_AUDIENCE, DEFAULT_LIFETIME);

  public Target {
    if (audience.isEmpty()) {
      throw new IllegalArgumentException("audience is empty");
    }
    if (lifetime.compareTo(MIN_LIFETIME) < 0 || lifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new IllegalArgumentException("lifetime out of bounds: " + lifetime);
    }
  }
}
