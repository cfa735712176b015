package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import java.time.Instant;

/**
 * The record of a call to revoke a token that this broker minted.
 *
 * @param time when the broker decided
 * @param from the caller as it presented itself
 * @param by the authenticated caller
 * @param token the token; records have only its claims, never its value
 * @param outcome the result
 */
public record RevocationRecord(
    Instant time,
    PresentedCaller from,
    KnownCaller by,
    MintedToken token,
    Outcome<Revocation> outcome) {}
