package dev.tokenbroker.store;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A fact that is the same at all replicas while nothing is wrong. */
public enum ComparedFact {
  /** The version of the broker. */
  BUILD,
  /** The revision of the federation in force. */
  REVISION,
  /** The revision of the candidate. */
  CANDIDATE,
  /** The authorities that each TLS configuration trusts. */
  AUTHORITIES,
  /** The keys that are held of each issuer. */
  KEYS,
  /** The clock. Nobody tells it: each replica measures those of the others. */
  CLOCK;

  /** The name among the facts of a replica, and for labels and people. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a replica tells, by the names of the parts; the only part of a plain fact has none. */
  SortedMap<String, String> parts(Replica replica) {
    String told = replica.fact(label());
    return switch (this) {
      case AUTHORITIES, KEYS -> FactParts.read(told);
      case BUILD, REVISION, CANDIDATE, CLOCK ->
          told.isEmpty() ? new TreeMap<>() : new TreeMap<>(Map.of("", told));
    };
  }
}
