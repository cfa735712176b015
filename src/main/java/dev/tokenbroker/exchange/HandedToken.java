package dev.tokenbroker.exchange;

import java.time.Instant;
import java.util.List;

/**
 * What is kept of a token that was handed out; never the token itself.
 *
 * @param id its {@code jti}; of one that an upstream handed out, the beginning of its SHA-256
 * @param subject its {@code sub}
 * @param scopes the scopes that it carries
 * @param expireTime where it ends
 */
public record HandedToken(String id, String subject, List<String> scopes, Instant expireTime) {}
