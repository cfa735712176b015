package dev.tokenbroker.judge.target;

import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.util.Optional;

/**
 * A service that the broker supplies tokens for.
 *
 * @param audience its name, which becomes the {@code aud} of the token
 * @param supply the source of its tokens
 */
public record Target(String audience, Supply supply) {

  /** The audience of this broker itself: tokens for it let operators call the operations API. */
  public static final String OPERATORS_AUDIENCE = "token-broker";

  public static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(10);
  public static final Duration MIN_LIFETIME = Duration.ofSeconds(1);
  public static final Duration MAX_LIFETIME = Duration.ofHours(1);

  /** The target of this broker itself, which exists without being declared. */
  public static final Target OPERATORS = mint(OPERATORS_AUDIENCE, DEFAULT_LIFETIME);

  public Target {
    if (audience.isEmpty()) {
      throw new IllegalArgumentException("audience is empty");
    }
  }

  /** What it reads of an identity itself, whatever the rule; empty for nothing. */
  public Optional<ClaimUses> uses() {
    return supply.uses();
  }

  /** A target whose tokens this broker makes. */
  public static Target mint(String audience, Duration lifetime) {
    return new Target(audience, new Supply.Mint(lifetime, BindingDemand.NOTHING));
  }
}
