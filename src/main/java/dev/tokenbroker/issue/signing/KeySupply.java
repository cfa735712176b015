package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.time.Clocks;
import java.util.List;

/** A source of signing keys. It does the slow work: making keys, reading files. */
sealed interface KeySupply permits GeneratedKeys, ListedKeys {

  /** The schedule with new keys; the same object if there are none. Called by one thread. */
  KeySchedule renew(KeySchedule schedule);

  /** Keys that are published, and join the schedule once all replicas publish them. */
  List<SigningKey> waiting();

  /** Waits no more for keys that the schedule has. Until then they count as waiting, too. */
  void settle(KeySchedule schedule);

  /** Forgets what it found, so that the next {@link #renew} is as the first. */
  default void restart() {}

  /**
   * How verifiers learn of keys: after what times, by which clock, and from which other replicas.
   *
   * @param timing how long keys are published before they sign and after they have signed
   * @param replicas which keys the other replicas publish
   */
  record Publication(KeyTiming timing, Clocks clock, ReplicaKeys replicas) {}
}
