package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Refusal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request for an own token that brought none. The OIDC client and the fallback both take failures
 * as exceptions. This one never leaves the package.
 */
final class NoOwnToken extends RuntimeException {

  private final transient Refusal refusal;
  private final transient @Nullable Duration retryAfter;

  /**
   * @param retryAfter how long the provider asks the broker to wait; null if it does not say
   */
  NoOwnToken(Refusal refusal, @Nullable Duration retryAfter) {
    super(refusal.reason().name(), null, false, false);
    this.refusal = refusal;
    this.retryAfter = retryAfter;
  }

  Refusal refusal() {
    return refusal;
  }

  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
