package dev.tokenbroker.peers.store;

import java.time.Duration;
import java.util.List;

/**
 * A log that all replicas write and read: what one announces, all hear within about a second. Safe
 * for use by any number of threads.
 */
public interface StoreLog {

  /**
   * Announces an entry to all replicas. May wait for the network, like the calls of {@link
   * SharedStore}.
   *
   * @return whether the store has it; if not, only {@link LogListener#known} has it announced later
   */
  boolean announce(LogEntry entry);

  /**
   * For how long this replica may have missed entries: the time since it last read the log to its
   * end. Zero in a broker that shares nothing, {@link #NEVER_READ} before the first time.
   */
  Duration silence();

  /**
   * Waits until this replica has read the log to its end for the first time.
   *
   * @return whether it has within that time
   */
  boolean awaitRead(Duration most);

  /** Whether there may be other replicas that hear it. */
  default boolean shared() {
    return true;
  }

  /** The silence of a log that was never read. */
  Duration NEVER_READ = Duration.ofDays(10_000);

  /** A part of the broker that hears what the replicas announce in one log. */
  interface LogListener {

    /**
     * Hears an entry of any replica, this one included. An entry may come several times. Entries
     * come one at a time, on a thread of the store that must not wait.
     */
    void heard(LogEntry entry);

    /**
     * The entries that the store must not lose. Those that it does not have are announced again.
     */
    List<LogEntry> known();
  }
}
