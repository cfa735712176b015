package dev.tokenbroker.issue.sts;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import java.time.Duration;
import java.util.Set;

/**
 * Notices that an upstream refuses what it has granted before. Knows up to {@value #MOST} grants of
 * the last day. Reports a change once, and again only for grants since then. Safe for use by
 * several threads.
 */
public final class KnownGrants {

  private static final int MOST = 256;

  private final String upstream;
  private final ChangeKind kind;
  private final String before;
  private final Set<RefusalReason> reasons;
  private final ChangeListener changes;
  private final Cache<Object, Boolean> granted =
      Caffeine.newBuilder()
          .maximumSize(MOST)
          .expireAfterWrite(Duration.ofDays(1))
          .executor(Runnable::run)
          .build();

  /**
   * @param before what the upstream did before, for the change
   * @param reasons the refusals by which somebody at the upstream has withdrawn a grant
   */
  public KnownGrants(
      String upstream,
      ChangeKind kind,
      String before,
      Set<RefusalReason> reasons,
      ChangeListener changes) {
    this.upstream = upstream;
    this.kind = kind;
    this.before = before;
    this.reasons = reasons;
    this.changes = changes;
  }

  /**
   * Takes the end of an attempt, and returns it.
   *
   * @param asked all that the upstream judges; a value, which is kept
   */
  public Outcome<IssuedToken> judged(Object asked, Outcome<IssuedToken> outcome) {
    switch (outcome) {
      case Outcome.Accepted<IssuedToken> _ -> granted.put(asked, true);
      case Outcome.Refused<IssuedToken>(Refusal why) -> {
        if (reasons.contains(why.reason()) && granted.asMap().remove(asked) != null) {
          granted.invalidateAll();
          changes.changed(Change.ofUpstream(kind, upstream, before, why.seen()));
        }
      }
    }
    return outcome;
  }
}
