package dev.tokenbroker.judge.target;

import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.StepBudget;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The terms of an invented kind of target: badges for a door.
 *
 * @param upstream its name, the target's audience
 * @param zones where a badge opens doors: the scopes of a grant
 */
public record Badge(String upstream, List<String> zones) implements Supply.Upstreamed {

  /** How long each badge opens doors. */
  public static final Duration LIFE = Duration.ofMinutes(20);

  private static final Renewal RENEWAL = new Renewal(0.6, 0.7, 0.1, Duration.ofMinutes(1));

  public Badge {
    zones = List.copyOf(zones);
  }

  @Override
  public Presentation presentation() {
    return new Presentation.Nothing();
  }

  @Override
  public Duration fixedLife() {
    return LIFE;
  }

  @Override
  public Renewal renewal() {
    return RENEWAL;
  }

  @Override
  public String description() {
    return "The badge is to open the zones " + String.join(" ", zones) + ".";
  }

  @Override
  public Optional<ClaimUses> uses() {
    return Optional.empty();
  }

  @Override
  public Evaluated<Supply> of(
      Facts facts, String subject, @Nullable Expression part, StepBudget budget) {
    return new Evaluated.Value<>(this);
  }

  @Override
  public Badge within(List<String> scopes) {
    return new Badge(upstream, scopes);
  }

  @Override
  public Badge kept() {
    return this;
  }
}
