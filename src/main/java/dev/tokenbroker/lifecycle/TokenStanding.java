package dev.tokenbroker.lifecycle;

/** How something stands that is said to be a token of ours. */
public sealed interface TokenStanding {

  /** We minted it, and it is good now. */
  record Active(MintedToken token) implements TokenStanding {}

  /**
   * We minted it, by a clock that is ahead of this one: it is not good now, and will be unless it
   * is revoked.
   */
  record NotYet(MintedToken token) implements TokenStanding {}

  /** We minted it, it has not expired, and it was revoked. */
  record Revoked(MintedToken token) implements TokenStanding {}

  /** We signed it and it has not expired, but it is no access token. */
  record OtherKind() implements TokenStanding {}

  /** Anything else: not ours, expired, or no token at all. */
  record Unknown() implements TokenStanding {}
}
