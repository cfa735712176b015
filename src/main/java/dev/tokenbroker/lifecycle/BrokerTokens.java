package dev.tokenbroker.lifecycle;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedToken;
import dev.tokenbroker.possession.ProvedKeys;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Recognises who may use the broker beyond exchanges: holders of an active access token that this
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
   * The token, where it gives that right.
   *
   * @param keys the keys that the caller has proved; read only if the token is good, so that a
   *     caller with a bad token uses up no proof
   * @return the token; or the refusal {@code CALLER_UNAUTHENTICATED}, which does not say what is
   *     wrong with the token; or a refusal of the proof, {@code DPOP_PROOF_INVALID} if it was made
   *     for another token; or {@code CALLER_NOT_PERMITTED} if a good token lacks the scope
   */
  public Outcome<MintedToken> recognise(
      PresentedToken presented,
      Supplier<Outcome<ProvedKeys>> keys,
      Right right,
      Deadline deadline) {
    if (!(tokens.standing(presented.value(), deadline)
            instanceof TokenStanding.Active(MintedToken token))
        || !token.audiences().contains(AUDIENCE)) {
      return Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
    }
    return keys.get().then(proved -> allowed(token, presented, proved, right));
  }

  private static Outcome<MintedToken> allowed(
      MintedToken token, PresentedToken presented, ProvedKeys proved, Right right) {
    Optional<Refusal> unmet = token.unmetBy(presented, proved);
    if (unmet.isPresent()) {
      return Outcome.refused(unmet.get());
    }
    return token.scopes().contains(right.scope())
        ? Outcome.accepted(token)
        : Outcome.refused(Refusal.of(RefusalReason.CALLER_NOT_PERMITTED).expected(right.scope()));
  }
}
