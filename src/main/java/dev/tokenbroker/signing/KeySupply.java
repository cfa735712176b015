package dev.tokenbroker.signing;

/** A source of signing keys. It does the slow work: making keys, reading files. */
sealed interface KeySupply permits GeneratedKeys, KeyFiles {

  /** The schedule with new keys; the same object if there are none. Called by one thread. */
  KeySchedule renew(KeySchedule schedule);

  /** The number of problems that the last call of {@link #renew} found. */
  default int problems() {
    return 0;
  }
}
