package dev.tokenbroker.issue.signing;

/** Says why something cannot be a signing key, without any key material. */
final class UnfitKeyException extends Exception {

  UnfitKeyException(String problem) {
    super(problem);
  }
}
