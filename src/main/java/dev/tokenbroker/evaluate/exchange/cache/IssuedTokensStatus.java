package dev.tokenbroker.evaluate.exchange.cache;

/**
 * The counts of {@link IssuedTokens} since the start, and its present content.
 *
 * @param hits tokens handed out from it
 * @param negativeHits refusals given from it
 * @param misses all other lookups
 * @param refreshesBegun how often a refresh came due for a caller
 * @param refreshesPutOff how many of those could not be begun
 * @param refreshesFailed how many of those failed
 * @param evictions tokens evicted for lack of room
 * @param entries cached tokens, and evaluations under way
 * @param weightBytes their weight
 * @param refusals cached refusals
 */
public record IssuedTokensStatus(
    long hits,
    long negativeHits,
    long misses,
    long refreshesBegun,
    long refreshesPutOff,
    long refreshesFailed,
    long evictions,
    long entries,
    long weightBytes,
    long refusals) {}
