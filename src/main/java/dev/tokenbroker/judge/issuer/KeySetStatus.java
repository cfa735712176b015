package dev.tokenbroker.judge.issuer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key source at one moment.
 *
 * @param freshness how far the keys held can be relied on
 * @param keyCount how many usable keys are held
 * @param fetchedAt when the keys held were fetched; null if none ever were, or if the source does
 *     not fetch
 * @param fetches fetches begun since the start, key sets and discovery documents together
 * @param failures fetches without a usable result
 * @param clockOffset how far the issuer's clock is ahead of ours; null until measured
 * @param lastFailure why the last fetch failed, in a sentence without bodies; null after a success
 */
public record KeySetStatus(
    Freshness freshness,
    int keyCount,
    @Nullable Instant fetchedAt,
    long fetches,
    long failures,
    @Nullable ClockOffset clockOffset,
    @Nullable String lastFailure) {

  /** How far keys can be relied on. */
  public enum Freshness {
    /** The keys do not come from the network and do not age. */
    FIXED,
    /** No keys have been fetched yet. */
    ABSENT,
    /** The keys are within their time to live. */
    FRESH,
    /** The keys are past it and still served: no fetch has succeeded since, or none was needed. */
    STALE,
    /** The keys are too old to be served: callers wait for a fetch. */
    EXPIRED
  }
}
