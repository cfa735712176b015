package dev.tokenbroker.issue.aws;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.policy.Supply;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Notices that AWS refuses what it has given before: the trust policy of a role, or the IAM OIDC
 * provider, has changed. Knows the last {@value #MOST} sessions of a day. Tells of a change once,
 * and again only about sessions that AWS has given since. Safe for use by several threads.
 */
final class RoleTrust {

  private static final int MOST = 256;
  private static final Duration KEPT_FOR = Duration.ofDays(1);

  private static final Set<RefusalReason> REASONS =
      Set.of(RefusalReason.UPSTREAM_NOT_PERMITTED, RefusalReason.UPSTREAM_ASSERTION_REFUSED);

  private final String upstream;
  private final ChangeListener changes;
  private final Cache<Session, Boolean> given =
      Caffeine.newBuilder()
          .maximumSize(MOST)
          .expireAfterWrite(KEPT_FOR)
          .executor(Runnable::run)
          .build();

  /** What AWS judges. */
  private record Session(Supply.Upstreamed supply, String subject, Map<String, Object> claims) {

    static Session of(Wanted wanted) {
      return new Session(wanted.supply(), wanted.grant().subject(), wanted.grant().claims());
    }
  }

  RoleTrust(String upstream, ChangeListener changes) {
    this.upstream = upstream;
    this.changes = changes;
  }

  /** Takes the end of an attempt, and returns it. */
  Outcome<IssuedToken> judged(Wanted wanted, Outcome<IssuedToken> outcome) {
    Session session = Session.of(wanted);
    switch (outcome) {
      case Outcome.Accepted<IssuedToken> _ -> given.put(session, true);
      case Outcome.Refused<IssuedToken>(Refusal why) -> {
        if (REASONS.contains(why.reason()) && given.asMap().remove(session) != null) {
          given.invalidateAll();
          changes.changed(
              Change.ofUpstream(
                  ChangeKind.ROLE_TRUST_CHANGED, upstream, "credentials were given", why.seen()));
        }
      }
    }
    return outcome;
  }
}
