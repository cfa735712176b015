package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Outcome;

/** Lets the benchmark call the parser, which nobody outside this package may otherwise call. */
public final class CredentialParsing {

  private CredentialParsing() {}

  /** What came of it: only for being consumed. */
  public static Outcome<?> parse(String compact) {
    return UnverifiedJwt.parse(compact, JwtVerifier.DEFAULT_MAX_SIZE_BYTES);
  }
}
