package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import java.net.URI;
import java.util.Optional;

/**
 * How one upstream is asked for tokens: the requests of its kind, and what its responses mean. The
 * guard, the counts and the log are those of {@link Upstream}. Safe for use by several threads.
 */
public interface UpstreamProtocol {

  /**
   * The reason why no attempt can be made for that; empty if one can.
   *
   * @return {@code UPSTREAM_CLIENT_REFUSED} if the broker's own secret cannot be read, or {@code
   *     UPSTREAM_THROTTLED} if the upstream takes no request now
   */
  Optional<Refusal> obstacle(Wanted wanted);

  /**
   * Makes one attempt, for which there is no obstacle. Blocks.
   *
   * @param endpoint where the upstream is
   * @param wanted with what speaks for the identity in this attempt
   * @param limit when the attempt must have ended
   * @param deadline the caller's
   */
  Attempted<Outcome<IssuedToken>> ask(
      URI endpoint, Wanted wanted, Deadline limit, Deadline deadline);

  /** Revokes tokens at the upstream; empty if it cannot revoke any. */
  default Optional<TokenRevoker> revoker() {
    return Optional.empty();
  }

  /**
   * Whether a text begins as the tokens that the upstream issues do; false where they have no form
   * in common.
   */
  default boolean mayHaveIssued(String text) {
    return false;
  }

  /** How an upstream is asked to revoke a token that it has issued. */
  @FunctionalInterface
  interface TokenRevoker {

    /**
     * Makes one attempt. Blocks.
     *
     * @param endpoint where the upstream is
     * @param token the token; never logged
     * @param limit when the attempt must have ended
     * @param deadline the caller's
     * @return true if the token was valid until now, false if it was not; or a refusal named {@code
     *     UPSTREAM_…} or {@code DEADLINE_EXCEEDED}, after which it may be valid
     */
    Attempted<Outcome<Boolean>> revoke(
        URI endpoint, String token, Deadline limit, Deadline deadline);
  }

  /** Reads the files with secrets again, if there are any, and takes what has changed. */
  void reread();
}
