package dev.tokenbroker.peers.guard;

import dev.tokenbroker.peers.store.Roster;
import jakarta.inject.Singleton;

/** Makes the guards of the upstreams; the replicas on the roster share the limits of each. */
@Singleton
public final class PeerGuards {

  private final GuardSettings settings;
  private final Roster roster;

  public PeerGuards(GuardSettings settings, Roster roster) {
    this.settings = settings;
    this.roster = roster;
  }

  /** A guard for that upstream, with a full budget and a closed circuit. */
  public PeerGuard of(String peer) {
    return PeerGuard.of(peer, settings, roster::rank);
  }
}
