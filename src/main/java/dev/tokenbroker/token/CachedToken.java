package dev.tokenbroker.token;

import java.time.Instant;

/**
 * A token that is kept, and what it was made from.
 *
 * @param token the token
 * @param usableUntil the moment from which it is no longer handed out, by the rules of {@link
 *     TokenCache}
 * @param refreshAt the moment from which a successor is wanted, drawn when it was stored
 * @param origin what the one who stored it wants to know of it at a hit
 */
public record CachedToken<V>(IssuedToken token, Instant usableUntil, Instant refreshAt, V origin) {}
