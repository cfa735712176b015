package dev.tokenbroker.lifecycle;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.signing.Revocations.Revocation;
import java.time.Instant;

/**
 * What is recorded of a call to revoke a token that this broker minted.
 *
 * @param time when it was decided
 * @param from where the call came from
 * @param by who made it
 * @param token the token, of which nothing but what it claims is recorded
 * @param outcome what came of it
 */
public record RevocationRecord(
    Instant time,
    PresentedCaller from,
    KnownCaller by,
    MintedToken token,
    Outcome<Revocation> outcome) {}
