package dev.tokenbroker.peers.store;

import java.time.Duration;

/** The logs in the store. An entry of one log is never one of another. */
public enum LogKind {
  /**
   * Tokens that were revoked. A replica that reads an entry keeps it for up to an hour and a
   * minute; the store keeps it for longer, so that an entry that a replica misses there was
   * deleted.
   */
  REVOCATIONS("revoked", Duration.ofMinutes(190), 200_000),
  /** Public keys of the replicas. Each entry has an end of its own, mostly before this one. */
  SIGNING_KEYS("signing", Duration.ofHours(6), 20_000),
  /** What each replica tells about itself. */
  REPLICAS("replicas", Duration.ofMinutes(1), 20_000);

  private final String label;
  private final Duration keep;
  private final int most;

  LogKind(String label, Duration keep, int most) {
    this.label = label;
    this.keep = keep;
    this.most = most;
  }

  /** The log as a part of names in the store; never changes. */
  String label() {
    return label;
  }

  /** How long the store keeps an entry. */
  Duration keep() {
    return keep;
  }

  /** How many entries the log may have; a full log takes no more. */
  int most() {
    return most;
  }
}
