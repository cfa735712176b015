package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.TokenFacts;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Target;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The tokens that this replica got from upstreams which can revoke them. It keeps the SHA-256 of a
 * token, never its value, until the token expires, and for at least an hour: the end that callers
 * see may be before the upstream's. It keeps at most {@value #MOST}, and then forgets the oldest.
 * Safe for use by any number of threads; never waits.
 */
@Singleton
public final class UpstreamTokens {

  static final int MOST = 10_000;

  private final InstantSource clock;

  /** By digest, the oldest first; guarded by itself. */
  private final LinkedHashMap<String, RevocableToken> tokens = new LinkedHashMap<>();

  public UpstreamTokens(InstantSource clock) {
    this.clock = clock;
  }

  /** Revokes a token at the upstream that issued it. */
  @FunctionalInterface
  public interface Revoker {

    /**
     * May wait for the upstream.
     *
     * @return whether the token was valid until now; or a refusal named {@code UPSTREAM_…} or
     *     {@code DEADLINE_EXCEEDED}, after which it may be valid
     */
    Outcome<Boolean> revoke(String token, Deadline deadline);
  }

  /** A token, and the upstream that revokes it. */
  record RevocableToken(TokenFacts facts, Revoker upstream) {}

  /** Keeps a token that the broker hands out for that grant. */
  public void keep(IssuedToken token, Grant grant, Revoker upstream) {
    TokenFacts facts =
        new TokenFacts(
            token.id(),
            List.of(grant.audience()),
            grant.subject(),
            token.scopes(),
            token.issueTime(),
            token.expireTime());
    synchronized (tokens) {
      while (tokens.size() >= MOST
          || (!tokens.isEmpty() && hasEnded(tokens.firstEntry().getValue()))) {
        var _ = tokens.pollFirstEntry();
      }
      var _ = tokens.putLast(digest(token.value()), new RevocableToken(facts, upstream));
    }
  }

  /**
   * The token of that value; empty if this replica did not get it, or has forgotten it.
   *
   * @param value any text
   */
  Optional<RevocableToken> find(String value) {
    synchronized (tokens) {
      return Optional.ofNullable(tokens.get(digest(value))).filter(token -> !hasEnded(token));
    }
  }

  /** Forgets a token that is revoked. */
  void forget(String value) {
    synchronized (tokens) {
      var _ = tokens.remove(digest(value));
    }
  }

  private boolean hasEnded(RevocableToken token) {
    Instant now = clock.instant();
    TokenFacts facts = token.facts();
    return !now.isBefore(facts.expireTime())
        && !now.isBefore(facts.issueTime().plus(Target.MAX_LIFETIME));
  }

  private static String digest(String value) {
    return Sha256.base64Url(value.getBytes(StandardCharsets.UTF_8));
  }
}
