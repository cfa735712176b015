package dev.tokenbroker.signing;

import java.time.Instant;

/**
 * A token that was revoked, as it is kept.
 *
 * @param id its {@code jti}: letters, digits, {@code -} and {@code _}
 * @param keptUntil until when it is kept at least; whole seconds
 */
public record Revoked(String id, Instant keptUntil) {}
