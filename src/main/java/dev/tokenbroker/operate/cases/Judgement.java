package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The decision of a policy for an identity and a request. It covers the steps from {@code target}
 * to {@code binding}. An exchange makes the same decision.
 */
public sealed interface Judgement {

  /**
   * A rule grants a token.
   *
   * @param lifetime the lifetime of the token; null if an upstream decides
   * @param supply the source of the token
   * @param binding the binding of the token
   */
  record Granted(
      String rule,
      String subject,
      List<String> scopes,
      Map<String, Object> claims,
      @Nullable Duration lifetime,
      Supply supply,
      Binding binding)
      implements Judgement {

    /** Whether the other decision gives the same token, except for the rule. */
    public boolean isSameGrant(Granted other) {
      return subject.equals(other.subject)
          && scopes.equals(other.scopes)
          && claims.equals(other.claims)
          && Objects.equals(lifetime, other.lifetime)
          && binding.equals(other.binding)
          && isSameSource(supply, other.supply);
    }

    /** The lifetime and the binding of a minted token are compared by their values. */
    private static boolean isSameSource(Supply one, Supply other) {
      return one.fromUpstream().equals(other.fromUpstream());
    }
  }

  /**
   * The request is refused.
   *
   * @param decidedBy the rule that decided; null if none did
   * @param seen the value that the step found
   * @param hints likely mistakes in the request
   */
  record Denied(
      RefusalReason reason,
      Step step,
      @Nullable String decidedBy,
      String seen,
      List<String> hints,
      List<String> notes)
      implements Judgement {}

  /** Judges a request at that moment. */
  static Judgement of(
      Policy policy,
      VerifiedIdentity identity,
      GrantRequest request,
      ProvedKeys keys,
      Instant now) {
    Trail trail = new Trail();
    return switch (policy.authorise(identity, policy.bound(request, keys), now, trail)) {
      case Outcome.Accepted<Grant>(Grant grant) -> granted(grant, now);
      case Outcome.Refused<Grant>(Refusal why) ->
          new Denied(
              why.reason(), trail.underWay(), trail.rule(), why.seen(), why.hints(), trail.notes());
    };
  }

  /** The decision that gave this grant at that moment. The grant must have its claims. */
  static Granted granted(Grant grant, Instant now) {
    return new Granted(
        grant.rule(),
        grant.subject(),
        grant.scopes(),
        grant.claims(),
        lifetime(grant.lifetime(), grant.notAfter(), now),
        grant.supply(),
        grant.binding());
  }

  private static @Nullable Duration lifetime(
      @Nullable Duration given, @Nullable Instant notAfter, Instant now) {
    if (given == null || notAfter == null || now.plus(given).isBefore(notAfter)) {
      return given;
    }
    return Duration.between(now, notAfter);
  }

  /** The rule that decided; null if none did. */
  default @Nullable String rule() {
    return switch (this) {
      case Granted granted -> granted.rule();
      case Denied denied -> denied.decidedBy();
    };
  }
}
