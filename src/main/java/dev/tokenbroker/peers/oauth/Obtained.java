package dev.tokenbroker.peers.oauth;

/** The end of one request for an own token. */
sealed interface Obtained {

  /** The provider issued a token. */
  record Fresh(OwnToken token) implements Obtained {}

  /** The provider issued none, and the last token is still good. */
  record Kept(OwnToken last, NoOwnToken why) implements Obtained {}

  /** The provider issued none, and there is none to fall back to. */
  record Nothing(NoOwnToken why) implements Obtained {}
}
