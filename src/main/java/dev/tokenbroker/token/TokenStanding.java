package dev.tokenbroker.token;

/** How something stands that is said to be a token of ours. */
public sealed interface TokenStanding {

  /** We minted it, and it is good now. */
  record Active(MintedToken token) implements TokenStanding {}

  /** We minted it, and it would be good now had it not been revoked. */
  record Revoked(MintedToken token) implements TokenStanding {}

  /** We signed it and it is current, but it is no access token. */
  record OtherKind() implements TokenStanding {}

  /** Anything else: not ours, expired, or no token at all. */
  record Unknown() implements TokenStanding {}
}
