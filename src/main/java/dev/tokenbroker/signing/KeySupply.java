package dev.tokenbroker.signing;

/** Where signing keys come from. Does what takes time: makes keys, reads files. */
sealed interface KeySupply permits GeneratedKeys, KeyFiles {

  /** The schedule with what is new; the same object where nothing is. Called by one thread. */
  KeySchedule renew(KeySchedule schedule);
}
