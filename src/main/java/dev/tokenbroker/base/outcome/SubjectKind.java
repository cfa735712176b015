package dev.tokenbroker.base.outcome;

import java.util.Locale;

/** The kinds of things that a {@link Change} is about. */
public enum SubjectKind {
  /** An issuer, named by its identifier; an event also has its name in the document. */
  ISSUER,
  /** An upstream, named as in the federation document. */
  UPSTREAM,
  /** The federation document. */
  FEDERATION,
  /** The candidate document. */
  CANDIDATE,
  /** The broker's own signing keys. */
  SIGNING_KEYS,
  /** A TLS configuration, by name. */
  TLS,
  /** The store that replicas share. */
  STORE,
  /** The broker process. */
  BROKER,
  /** A client by which the broker gets tokens for itself, named as in the settings. */
  OWN_CLIENT;

  /** The name for people and records: {@code signing-keys}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
