package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.SharedUses;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The step {@link Step#ONCE}: a credential is exchanged once, if its issuer is declared so. For
 * other issuers the step is not taken and costs nothing.
 *
 * <p>A credential is used up before its token is made, so that no other evaluation can use it
 * meanwhile, at no replica that shares a store. It is given back if no token was made, so that a
 * caller may retry with it. If a bug ends the making of the token, the credential stays used.
 */
@Singleton
final class OnceOnly {

  private final SharedUses uses;

  OnceOnly(SharedUses uses) {
    this.uses = uses;
  }

  /**
   * Uses the credential and makes the token, if it may.
   *
   * @param make makes the token, or says why not
   */
  Outcome<IssuedToken> issue(
      VerifiedIdentity identity, Trail trail, Supplier<Outcome<IssuedToken>> make) {
    if (!identity.issuer().once()) {
      return make.get();
    }
    trail.begin(Step.ONCE);
    return switch (uses.take(identity)) {
      case Outcome.Refused<SharedUses.Use>(Refusal refusal) -> trail.refuse(Step.ONCE, refusal);
      case Outcome.Accepted<SharedUses.Use>(SharedUses.Use use) -> {
        passed(trail, identity);
        Outcome<IssuedToken> made = make.get();
        switch (made) {
          case Outcome.Accepted<IssuedToken> _ -> uses.confirm(use);
          case Outcome.Refused<IssuedToken> _ -> uses.giveBack(use);
        }
        yield made;
      }
    };
  }

  /** Checks whether the credential could be used, and does not use it. */
  Outcome<Grant> explain(VerifiedIdentity identity, Trail trail, Grant grant) {
    if (!identity.issuer().once()) {
      return Outcome.accepted(grant);
    }
    Optional<Refusal> why = uses.look(identity);
    if (why.isPresent()) {
      return trail.refuse(Step.ONCE, why.get());
    }
    passed(trail, identity);
    return Outcome.accepted(grant);
  }

  private static void passed(Trail trail, VerifiedIdentity identity) {
    trail.passed(Step.ONCE, UsedCredentials.demanded(identity.issuer()), "one that was not used");
  }
}
