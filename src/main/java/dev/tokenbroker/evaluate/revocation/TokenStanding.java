package dev.tokenbroker.evaluate.revocation;

/** The standing of a text that a caller presents as a token of ours. */
public sealed interface TokenStanding {

  /** The broker minted the token, which is active now. */
  record Active(MintedToken token) implements TokenStanding {}

  /**
   * The broker minted the token, by a clock that is ahead of this one. The token becomes active
   * later unless it is revoked.
   */
  record NotYet(MintedToken token) implements TokenStanding {}

  /** The broker minted the token, which has not expired but was revoked. */
  record RevokedStanding(MintedToken token) implements TokenStanding {}

  /** The broker signed the token, which has not expired but is no access token. */
  record OtherKind() implements TokenStanding {}

  /** Any other text: minted elsewhere, expired, or no token. */
  record UnknownStanding() implements TokenStanding {}
}
