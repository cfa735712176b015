package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.issue.signing.IssuedToken;

/** How an exchange ended: the token or the refusal, and the whole verdict. */
public record Exchanged(Outcome<IssuedToken> outcome, Verdict verdict) {}
