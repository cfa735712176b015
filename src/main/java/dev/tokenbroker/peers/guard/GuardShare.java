package dev.tokenbroker.peers.guard;

import dev.tokenbroker.peers.store.Roster.Rank;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The part of a guard's limits that falls to this replica. The settings limit all replicas
 * together; each replica takes an equal part, which changes as replicas come and go.
 *
 * <p>A replica that shares nothing has all of it. {@code src/docs/operate/upstream-bound.md} proves
 * that the parts add up to the bound of one replica.
 */
final class GuardShare {

  /** With one attempt between successes, a replica could never have two under way. */
  private static final int LEAST_UNPROVEN = 2;

  private final GuardSettings settings;
  private final Supplier<Rank> rank;

  GuardShare(GuardSettings settings, Supplier<Rank> rank) {
    this.settings = settings;
    this.rank = rank;
  }

  /** How many retries may be made without a success; at least one, if any. */
  int retryBurst() {
    return settings.retryBurst() == 0 ? 0 : Math.max(1, settings.retryBurst() / rank.get().size());
  }

  /** How many attempts may begin while the circuit is closed and no attempt succeeds. */
  int unproven() {
    int all = settings.circuitFailures() + settings.concurrency();
    return Math.max(LEAST_UNPROVEN, all / rank.get().size());
  }

  /** After how many failures in a row the circuit opens; never more than may be unproven. */
  int circuitFailures() {
    return Math.min(settings.circuitFailures(), unproven());
  }

  /** How long after a failed probe the next one may follow. */
  Duration probeInterval() {
    return settings.probeInterval().multipliedBy(rank.get().size());
  }

  /** How long after the circuit has opened the first probe may follow: replicas take turns. */
  Duration firstProbe() {
    return settings.probeInterval().multipliedBy(rank.get().before() + 1L);
  }
}
