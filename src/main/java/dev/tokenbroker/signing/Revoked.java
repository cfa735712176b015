package dev.tokenbroker.signing;

import java.time.Instant;

/**
 * A revoked token, as it is kept.
 *
 * @param id its {@code jti}: letters, digits, {@code -} and {@code _}
 * @param keptUntil the earliest time to forget it; whole seconds
 */
public record Revoked(String id, Instant keptUntil) {}
