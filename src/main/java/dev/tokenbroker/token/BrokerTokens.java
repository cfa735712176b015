package dev.tokenbroker.token;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.Confirmation;
import dev.tokenbroker.possession.ProvedKeys;
import dev.tokenbroker.possession.TokenType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Recognises who may use the broker beyond exchanges: bearers of an active access token that this
 * broker minted for the reserved audience {@value #AUDIENCE}, with the scope of the {@link Right}.
 * Who gets one is decided by the rules, like for any other target.
 */
@Singleton
public final class BrokerTokens {

  /** The target that stands for the broker itself. */
  public static final String AUDIENCE = "token-broker";

  private final MintedTokens tokens;

  @Inject
  public BrokerTokens(MintedTokens tokens) {
    this.tokens = tokens;
  }

  /**
   * The token, where it gives that right. One that is bound to a key opens nothing to who merely
   * bears it.
   *
   * @param keys that the bearer was proved to hold
   * @return the token; or the refusal {@code CALLER_UNAUTHENTICATED}, whatever is wrong with it:
   *     whoever asks must not learn; or {@code CALLER_NOT_PERMITTED} where it is a good one for the
   *     broker and lacks the scope
   */
  public Outcome<MintedToken> recognise(
      String bearerToken, ProvedKeys keys, Right right, Deadline deadline) {
    if (!(tokens.standing(bearerToken, deadline) instanceof TokenStanding.Active(MintedToken token))
        || !token.audiences().contains(AUDIENCE)
        || !Confirmation.holds(token.claims(), TokenType.BEARER, bearerToken, keys)) {
      return Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
    }
    return token.scopes().contains(right.scope())
        ? Outcome.accepted(token)
        : Outcome.refused(Refusal.of(RefusalReason.CALLER_NOT_PERMITTED).expected(right.scope()));
  }
}
