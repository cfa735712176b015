package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.TokenFacts;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.target.Target;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

  /** The ids of tokens that have ended at their upstream, the oldest first; guarded by itself. */
  private final LinkedHashSet<String> ended = new LinkedHashSet<>();

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
        tokens.pollFirstEntry();
      }
      tokens.putLast(digest(token.value()), new RevocableToken(facts, upstream));
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

  /**
   * Takes note that a token has ended at its upstream, even where the revocation is not kept. At
   * most {@value #MOST} notes are kept, the latest.
   */
  void end(RevocableToken token) {
    synchronized (ended) {
      while (ended.size() >= MOST) {
        ended.removeFirst();
      }
      ended.add(IssuedToken.revocationId(token.facts().id()));
    }
  }

  /**
   * Whether the token with a {@linkplain IssuedToken#revocationId revocation id} was revoked: here,
   * or at its upstream alone.
   */
  public Predicate<String> revokedIn(Revocations revocations) {
    return id -> revocations.holds(id) || isEnded(id);
  }

  private boolean isEnded(String id) {
    synchronized (ended) {
      return ended.contains(id);
    }
  }

  /** Forgets a token that is revoked. */
  void forget(String value) {
    synchronized (tokens) {
      tokens.remove(digest(value));
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
