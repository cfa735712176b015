package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.JwtMinter.MintedAssertion;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.target.Presentation;
import java.util.Optional;

/**
 * Gives each attempt what speaks for the identity: the caller's credential, or a new JWT of this
 * broker. So a retry is no replay. Safe for use by several threads.
 */
final class Presenter {

  static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

  private final JwtMinter assertions;

  Presenter(JwtMinter assertions) {
    this.assertions = assertions;
  }

  /** The reason why there is nothing to present now; empty if there is something. */
  Optional<Refusal> obstacle(Wanted wanted) {
    return switch (wanted.supply().presentation()) {
      case Presentation.Credential _, Presentation.Nothing _ -> Optional.empty();
      case Presentation.Minted minted -> assertions.obstacle(wanted.grant(), minted);
    };
  }

  /**
   * The request of one attempt.
   *
   * @return the request; or {@code SIGNING_KEY_UNAVAILABLE} or {@code CREDENTIAL_EXPIRED} if no JWT
   *     can be minted any more
   */
  Outcome<Wanted> attempt(Wanted wanted, Trail trail) {
    return switch (wanted.supply().presentation()) {
      case Presentation.Credential _, Presentation.Nothing _ -> Outcome.accepted(wanted);
      case Presentation.Minted minted ->
          assertions.mint(wanted.grant(), minted).map(jwt -> presented(wanted, jwt, trail));
    };
  }

  /** The upstream's log has the same id, so the record of both can be compared. */
  private static Wanted presented(Wanted wanted, MintedAssertion jwt, Trail trail) {
    trail.note(
        "An attempt presented the JWT with jti %s, iss %s, signed by kid %s."
            .formatted(jwt.id(), jwt.issuer(), jwt.keyId()));
    return wanted.presenting(new PresentedCredential(JWT, jwt.value()));
  }
}
