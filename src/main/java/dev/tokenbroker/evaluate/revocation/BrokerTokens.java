package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.ProvedKeys;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Recognises callers that may use the broker itself, by their access token. This broker must have
 * minted the token for the reserved audience {@value #AUDIENCE}, with the scope of the {@link
 * Right}, and the token must be active. The rules decide who gets such a token, as for any other
 * target.
 */
@Singleton
public final class BrokerTokens {

  /** The target that stands for the broker itself. */
  public static final String AUDIENCE = "token-broker";

  private final MintedTokens tokens;

  public BrokerTokens(MintedTokens tokens) {
    this.tokens = tokens;
  }

  /**
   * Checks that a token grants a right.
   *
   * @param keys proves the keys of the caller; called only if the token is good
   * @param use uses up the proof of the keys; called only if they give the right
   * @return the token, or a refusal. {@code CALLER_UNAUTHENTICATED} says of a JWT nothing, and of
   *     any other text what it is. {@code DPOP_PROOF_INVALID} and other refusals of the proof say
   *     what is wrong with it. {@code CALLER_NOT_PERMITTED} means that a good token lacks the
   *     scope.
   */
  public Outcome<MintedToken> recognise(
      PresentedToken presented,
      Supplier<Outcome<ProvedKeys>> keys,
      BiFunction<ProvedKeys, Holder, Outcome<ProvedKeys>> use,
      Right right,
      Deadline deadline) {
    return recognise(presented, keys, use, right, () -> false, deadline);
  }

  /**
   * Checks that a token grants a right, or that the call is about this token alone. The holder of a
   * token needs no right for such a call, and the token may be for any audience.
   *
   * @param itself whether the call is about the presented token and no other; called only for a
   *     token of ours that lacks the right
   */
  Outcome<MintedToken> recognise(
      PresentedToken presented,
      Supplier<Outcome<ProvedKeys>> keys,
      BiFunction<ProvedKeys, Holder, Outcome<ProvedKeys>> use,
      Right right,
      BooleanSupplier itself,
      Deadline deadline) {
    boolean active;
    MintedToken token;
    switch (tokens.standing(presented.value(), deadline)) {
      case TokenStanding.Active(MintedToken now) -> {
        active = true;
        token = now;
      }
      case TokenStanding.NotYet(MintedToken later) -> {
        active = false;
        token = later;
      }
      case TokenStanding.RevokedStanding _,
          TokenStanding.OtherKind _,
          TokenStanding.UnknownStanding _ -> {
        return Outcome.refused(unknown(presented.value()));
      }
    }
    boolean permitted = (active && token.gives(right)) || itself.getAsBoolean();
    if (!permitted && !(active && token.isForBroker())) {
      return Outcome.refused(unknown(presented.value()));
    }
    return keys.get()
        .then(
            proved ->
                allowed(token, presented, proved, permitted, right)
                    .then(
                        allowed ->
                            use.apply(proved, Holder.of(token.subject())).map(_ -> allowed)));
  }

  /** The refusal of a caller; it names the form of a text that is no JWT. */
  static Refusal unknown(String text) {
    RefusalReason reason = RefusalReason.CALLER_UNAUTHENTICATED;
    return !text.isEmpty()
            && CompactJws.parse(text, Integer.MAX_VALUE).then(CompactJws::header)
                instanceof Outcome.Refused<?>(Refusal why)
        ? why.as(reason)
        : Refusal.of(reason);
  }

  private static Outcome<MintedToken> allowed(
      MintedToken token,
      PresentedToken presented,
      ProvedKeys proved,
      boolean permitted,
      Right right) {
    Optional<Refusal> unmet = token.unmetBy(presented, proved);
    if (unmet.isPresent()) {
      return Outcome.refused(unmet.get());
    }
    return permitted
        ? Outcome.accepted(token)
        : Outcome.refused(Refusal.of(RefusalReason.CALLER_NOT_PERMITTED).expected(right.scope()));
  }
}
