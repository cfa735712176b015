package dev.tokenbroker.issuer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key source at one moment.
 *
 * @param freshness how far the keys held can be relied on
 * @param keyCount how many usable keys are held
 * @param fetchedAt when the keys held were fetched; null where none ever were, or where they are
 *     not fetched
 * @param fetches fetches begun since the start, key sets and discovery documents together
 * @param failures fetches that brought nothing usable
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
    /** They do not come from the network and do not age. */
    FIXED,
    /** None have been fetched yet. */
    ABSENT,
    /** Within their time to live. */
    FRESH,
    /** Past it and still served: no fetch has succeeded since, or nobody has needed one. */
    STALE,
    /** Too old to be served: whoever needs them waits for a fetch. */
    EXPIRED
  }
}
