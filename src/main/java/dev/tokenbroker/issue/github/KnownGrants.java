package dev.tokenbroker.issue.github;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.Supply;
import java.time.Duration;
import java.util.Set;

/**
 * Notices that GitHub refuses what it has granted before. Knows up to {@value #MOST} grants of the
 * last day. Reports a change once, and again only for grants since then. Safe for use by several
 * threads.
 */
final class KnownGrants {

  private static final int MOST = 256;

  /** What the owner of an installation decides. */
  private static final Set<RefusalReason> REASONS =
      Set.of(
          RefusalReason.UPSTREAM_NOT_PERMITTED,
          RefusalReason.UPSTREAM_REQUEST_REFUSED,
          RefusalReason.UPSTREAM_SCOPE_TOO_WIDE);

  private final String upstream;
  private final ChangeListener changes;
  private final Cache<Supply.GitHub, Boolean> granted =
      Caffeine.newBuilder()
          .maximumSize(MOST)
          .expireAfterWrite(Duration.ofDays(1))
          .executor(Runnable::run)
          .build();

  KnownGrants(String upstream, ChangeListener changes) {
    this.upstream = upstream;
    this.changes = changes;
  }

  /** Takes the end of an attempt, and returns it. */
  Outcome<IssuedToken> judged(Supply.GitHub asked, Outcome<IssuedToken> outcome) {
    switch (outcome) {
      case Outcome.Accepted<IssuedToken> _ -> granted.put(asked, true);
      case Outcome.Refused<IssuedToken>(Refusal why) -> {
        if (REASONS.contains(why.reason()) && granted.asMap().remove(asked) != null) {
          granted.invalidateAll();
          changes.changed(
              Change.ofUpstream(
                  ChangeKind.PERMISSIONS_CHANGED, upstream, "tokens were granted", why.seen()));
        }
      }
    }
    return outcome;
  }
}
