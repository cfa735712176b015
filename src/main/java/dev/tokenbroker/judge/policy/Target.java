package dev.tokenbroker.judge.policy;

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

  /** The claims that it reads itself, whatever the rule: for a session of AWS. */
  public Optional<ClaimUses> uses() {
    return supply instanceof Supply.Aws aws ? Optional.of(AwsSession.uses(aws)) : Optional.empty();
  }

  /** The session of AWS that it makes, as the document has it; empty for other targets. */
  public String session() {
    return supply instanceof Supply.Aws aws ? aws.sessionName() + aws.policy() : "";
  }

  /** The same target that reads no claims, to judge identities whose claims are not known. */
  public Target withoutClaims() {
    return supply instanceof Supply.Aws aws
        ? new Target(audience, aws.with("not-known", null))
        : this;
  }

  /** A target whose tokens this broker makes. */
  public static Target mint(String audience, Duration lifetime) {
    return new Target(audience, new Supply.Mint(lifetime, BindingDemand.NOTHING));
  }
}
