package dev.tokenbroker.peers.store;

/** The kinds of names in the store. A name of one kind is never one of another. */
public enum StoreKind {
  /** A credential that may be exchanged once. */
  CREDENTIAL("once"),
  /** An assertion that a client signs itself. */
  ASSERTION("assertion"),
  /** A DPoP proof. */
  PROOF("dpop"),
  /** The right to sign with a key that no replica has published yet. */
  FIRST_KEY("first-key");

  private final String label;

  StoreKind(String label) {
    this.label = label;
  }

  /** The kind as a part of names in the store; never changes. */
  String label() {
    return label;
  }
}
