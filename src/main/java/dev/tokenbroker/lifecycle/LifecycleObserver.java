package dev.tokenbroker.lifecycle;

import dev.tokenbroker.exchange.ExchangeObserver;

/**
 * Is told of introspections and revocations before they are answered. Must be safe for use by many
 * threads; may wait.
 */
public interface LifecycleObserver {

  /**
   * One has ended, for whomever.
   *
   * @param right what was wanted: {@link Right#INTROSPECT} or {@link Right#REVOKE}
   * @param result in lower case, out of a small set: what came of it, or the reason of its refusal,
   *     which is {@code internal_error} for a bug
   */
  default void ended(Right right, String result) {}

  /**
   * A token of ours was to be revoked. Where this throws, the caller is not told that it was, as in
   * {@link ExchangeObserver#keep}.
   */
  default void revocation(RevocationRecord record) {}
}
