package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.store.Roster;
import jakarta.inject.Singleton;

/** Makes the guards of the upstreams; the replicas on the roster share the limits of each. */
@Singleton
public final class PeerGuards {

  private final GuardSettings settings;
  private final Roster roster;
  private final Clocks clock;
  private final Pauses pauses;

  public PeerGuards(GuardSettings settings, Roster roster, Clocks clock) {
    this.settings = settings;
    this.roster = roster;
    this.clock = clock;
    this.pauses = new Pauses(settings.maxRetryAfter(), clock::nanoTime);
  }

  /** A guard for that upstream, with a full budget and a closed circuit. */
  public PeerGuard of(String peer) {
    return new PeerGuard(peer, settings, roster::rank, clock, pauses);
  }
}
