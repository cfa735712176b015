package dev.tokenbroker.token;

import java.time.Instant;

/**
 * A token that was revoked, as it is kept.
 *
 * @param id its {@code jti}: letters, digits, {@code -} and {@code _}
 * @param keptUntil when it may be forgotten; whole seconds
 */
record Revoked(String id, Instant keptUntil) {}
