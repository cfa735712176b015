package dev.tokenbroker.evaluate.exchange;

import java.time.Instant;
import java.util.List;

/**
 * The facts that are kept of an issued token; never the token itself.
 *
 * @param id its {@code jti}; for a token of an upstream, the beginning of its SHA-256
 * @param subject its {@code sub}
 * @param scopes its scopes
 * @param expireTime when it expires
 */
public record HandedToken(String id, String subject, List<String> scopes, Instant expireTime) {}
