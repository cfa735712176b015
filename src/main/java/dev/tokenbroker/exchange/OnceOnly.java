package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.policy.Supply;
import dev.tokenbroker.token.IssuedToken;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The step {@link Step#ONCE}: a credential is exchanged once, where its issuer is declared so; for
 * other issuers it is not taken and costs nothing.
 *
 * <p>A credential is used when a token is given to somebody who waits for it. It is taken
 * beforehand, so that nobody else can take it meanwhile, and given back where nothing came of it:
 * who is refused with a time to come back at may come back with the same credential. Where the
 * making ends in a bug it stays used.
 */
@Singleton
final class OnceOnly {

  private final UsedCredentials used;

  OnceOnly(UsedCredentials used) {
    this.used = used;
  }

  /**
   * Uses the credential and has the token made, if it may.
   *
   * @param make makes the token, or says why not
   */
  Outcome<IssuedToken> issue(Judgement run, Grant grant, Supplier<Outcome<IssuedToken>> make) {
    VerifiedIdentity identity = Objects.requireNonNull(run.identity());
    if (!identity.issuer().once()) {
      return make.get();
    }
    Trail trail = run.trail();
    trail.begin(Step.ONCE);
    Optional<Refusal> why = run.callers().giveUp() ? Optional.of(notUsed()) : used.take(identity);
    if (why.isPresent()) {
      return trail.refuse(Step.ONCE, why.get());
    }
    passed(trail, identity);
    Outcome<IssuedToken> made = make.get();
    if (made instanceof Outcome.Refused) {
      used.giveBack(identity);
      return made;
    }
    run.callers().whereGivenUp(() -> used.giveBack(identity));
    // An upstream may have taken its time: the token is dropped here, so that nobody has it.
    return run.callers().giveUp() ? trail.refuse(madeBy(grant), notUsed()) : made;
  }

  /** Says whether the credential could be used, and does not use it. */
  Outcome<Grant> explain(Judgement run, Grant grant) {
    VerifiedIdentity identity = Objects.requireNonNull(run.identity());
    if (!identity.issuer().once()) {
      return Outcome.accepted(grant);
    }
    Optional<Refusal> why = used.look(identity);
    if (why.isPresent()) {
      return run.trail().refuse(Step.ONCE, why.get());
    }
    passed(run.trail(), identity);
    return Outcome.accepted(grant);
  }

  /** Whether what was made is for one caller only. */
  static boolean isForOne(Judged<IssuedToken> judged) {
    return judged.outcome() instanceof Outcome.Accepted
        && judged.identity() != null
        && judged.identity().issuer().once();
  }

  /** The ending of one who asked for the same at the same time as the one who got it. */
  static Judged<IssuedToken> forAnother(Judged<IssuedToken> judged) {
    VerifiedIdentity identity = Objects.requireNonNull(judged.identity());
    return refused(
        judged,
        Refusal.of(RefusalReason.CREDENTIAL_ALREADY_USED)
            .expected(UsedCredentials.demanded(identity.issuer()))
            .seen("one that is exchanged for somebody else at this moment"));
  }

  /** The ending of one who has gone away: whoever still waits may have the token. */
  static Judged<IssuedToken> forOneWhoHasGone(Judged<IssuedToken> judged) {
    return refused(judged, tooLate("a caller who has gone away, and is given no token"));
  }

  private static Judged<IssuedToken> refused(Judged<IssuedToken> judged, Refusal why) {
    Trail trail = judged.trail().before(Step.ONCE);
    return new Judged<>(trail.refuse(Step.ONCE, why), trail, judged.identity(), judged.grant());
  }

  private static void passed(Trail trail, VerifiedIdentity identity) {
    trail.passed(
        Step.ONCE,
        UsedCredentials.demanded(identity.issuer()),
        "one that this process has not seen used");
  }

  private static Step madeBy(Grant grant) {
    return switch (grant.supply()) {
      case Supply.Mint _ -> Step.MINT;
      case Supply.Exchange _ -> Step.UPSTREAM;
    };
  }

  private static Refusal notUsed() {
    return tooLate("nobody, so that the credential was not used");
  }

  private static Refusal tooLate(String seen) {
    return Refusal.of(RefusalReason.DEADLINE_EXCEEDED)
        .expected("somebody who still waits for the answer")
        .seen(seen);
  }
}
