package dev.tokenbroker.peers.store;

/**
 * A call of the store failed in the Redis client, or the server answered with an error. It has no
 * message of its own cause, since an address in that may have a password.
 */
final class StoreFailure extends RuntimeException {

  StoreFailure(Throwable cause) {
    super("the store failed", cause);
  }
}
