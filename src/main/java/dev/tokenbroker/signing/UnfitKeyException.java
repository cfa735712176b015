package dev.tokenbroker.signing;

/** Says why something cannot be a signing key, in words that give no key material away. */
final class UnfitKeyException extends Exception {

  UnfitKeyException(String problem) {
    super(problem);
  }
}
