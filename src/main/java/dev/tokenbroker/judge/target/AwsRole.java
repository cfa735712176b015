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
 * AWS issues the credentials of a role.
 *
 * @param upstream its name, the target's audience
 * @param role the ARN of the role
 * @param sessionName the name of the session; in a document perhaps a claim
 * @param policyArns the ARNs of managed policies that narrow the session
 * @param policy a JSON document that narrows the session, whose values may be claims; null for none
 * @param duration the life of the credentials, 30 to 60 minutes
 * @param presentation the JWT that AWS gets to see
 */
public record AwsRole(
    String upstream,
    String role,
    String sessionName,
    List<String> policyArns,
    @Nullable String policy,
    Duration duration,
    Presentation.Minted presentation)
    implements Supply.Upstreamed {

  public static final Duration MIN_DURATION = Duration.ofMinutes(30);
  public static final Duration MAX_DURATION = Duration.ofMinutes(60);

  /** By half of the life: SDKs ask again as soon as no more than 15 minutes are left. */
  private static final Renewal RENEWAL = new Renewal(0.4, 0.5, 0, Duration.ofMinutes(15));

  public AwsRole {
    policyArns = List.copyOf(policyArns);
    if (duration.compareTo(MIN_DURATION) < 0 || duration.compareTo(MAX_DURATION) > 0) {
      throw new IllegalArgumentException("duration out of bounds: " + duration);
    }
  }

  /** The account in the name of the role: {@code arn:aws:iam::ACCOUNT:role/NAME}. */
  public String account() {
    return role.split(":", 6)[4];
  }

  /** The same session with that name and that policy. */
  AwsRole with(String name, @Nullable String filled) {
    return new AwsRole(upstream, role, name, policyArns, filled, duration, presentation);
  }

  @Override
  public Duration fixedLife() {
    return duration;
  }

  @Override
  public Renewal renewal() {
    return RENEWAL;
  }

  @Override
  public String description() {
    return "AWS is to give the role %s to the session %s.".formatted(role, sessionName);
  }

  @Override
  public Optional<ClaimUses> uses() {
    return Optional.of(AwsSession.uses(this));
  }

  @Override
  public Evaluated<Supply> of(
      Facts facts, String subject, @Nullable Expression part, StepBudget budget) {
    return switch (AwsSession.of(this, facts, subject)) {
      case Evaluated.Value<AwsRole>(AwsRole session) -> new Evaluated.Value<>(session);
      case Evaluated.Missing<AwsRole> missing -> missing.as();
      case Evaluated.Failed<AwsRole> failed -> failed.as();
    };
  }

  @Override
  public AwsRole within(List<String> scopes) {
    return this;
  }

  @Override
  public AwsRole kept() {
    return with(sessionName, null);
  }
}
