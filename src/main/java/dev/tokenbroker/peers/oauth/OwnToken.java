package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.peers.http.BearerToken;
import java.time.Duration;
import java.time.Instant;

/**
 * A token of the broker itself.
 *
 * @param refreshTime when to get the next one: at a random point between half and four fifths of
 *     its life, the same for all callers
 * @param end when it expires
 */
record OwnToken(BearerToken bearer, Instant refreshTime, Instant end) {

  private static final double EARLIEST = 0.5;
  private static final double SPREAD = 0.3;

  /** The time that a request with the token may take, unless its whole life is short. */
  private static final Duration LONGEST_MARGIN = Duration.ofSeconds(5);

  /**
   * A token that the provider has just issued.
   *
   * @param random from 0 to 1
   */
  static OwnToken issued(BearerToken bearer, Instant issueTime, Instant end, double random) {
    Duration life = Duration.between(issueTime, end);
    long untilRefresh = (long) (life.toMillis() * (EARLIEST + SPREAD * random));
    return new OwnToken(bearer, issueTime.plusMillis(untilRefresh), end);
  }

  /** Whether a peer would still accept it when it arrives there. */
  boolean isGoodAt(Instant now) {
    Duration left = Duration.between(refreshTime, end).dividedBy(4);
    Duration margin = left.compareTo(LONGEST_MARGIN) < 0 ? left : LONGEST_MARGIN;
    return now.isBefore(end.minus(margin));
  }

  /** Whether no next one is needed yet. */
  boolean isFreshAt(Instant now) {
    return now.isBefore(refreshTime);
  }
}
