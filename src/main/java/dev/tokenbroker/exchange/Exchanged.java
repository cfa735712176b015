package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.signing.IssuedToken;

/** How an exchange ended: the token or the refusal, and the whole verdict. */
public record Exchanged(Outcome<IssuedToken> outcome, Verdict verdict) {}
