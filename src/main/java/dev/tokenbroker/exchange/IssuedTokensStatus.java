package dev.tokenbroker.exchange;

/**
 * What a {@link IssuedTokens} has done since the start, and what it holds.
 *
 * @param hits tokens handed out from it
 * @param negativeHits refusals given from it
 * @param misses all other lookups
 * @param refreshesBegun how often a caller was told to fetch a successor
 * @param refreshesPutOff how many of those could not be begun
 * @param refreshesFailed how many of those brought nothing
 * @param evictions tokens dropped for want of room
 * @param entries tokens held
 * @param weightBytes what they weigh
 * @param refusals refusals held
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
