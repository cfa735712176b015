package dev.tokenbroker.peers.store;

import java.util.Locale;

/** A fact that each replica tells, and that is equal at all of them while nothing is wrong. */
public enum ComparedFact {
  /** The version of the broker. */
  BUILD,
  /** The revision of the federation in force. */
  REVISION,
  /** The revision of the candidate. */
  CANDIDATE,
  /** A digest over the authorities that each TLS configuration trusts. */
  AUTHORITIES,
  /** A digest over the keys that are held of each issuer. */
  KEYS;

  /** The name among the facts of a replica. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
