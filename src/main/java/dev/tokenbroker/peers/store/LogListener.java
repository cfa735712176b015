package dev.tokenbroker.peers.store;

import java.util.List;

/** A part of the broker that hears what the replicas announce in one log. */
public interface LogListener {

  /**
   * Hears an entry of any replica, this one included. An entry may come several times. Entries come
   * one at a time, on a thread of the store that must not wait.
   */
  void heard(LogEntry entry);

  /** The entries that the store must not lose. Those that it does not have are announced again. */
  List<LogEntry> known();
}
