package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.RefusalReason.Fault;
import dev.tokenbroker.peers.guard.PeerNews;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Logs when one upstream begins to refuse the exchanges for a target, and when it issues tokens for
 * that target again: one line for each change. What a caller must change is no news. Safe for use
 * by several threads.
 *
 * <p>A target is refused until the first token at least {@link PeerNews#QUIET} after the last
 * refusal. So a target that is refused to some callers only leaves two lines, not two for each.
 */
final class TargetNews {

  /** More than a document can declare; further ones leave no line. */
  private static final int MAX_TARGETS = 1_000;

  private static final System.Logger LOG = System.getLogger(TargetNews.class.getName());

  private final String upstream;
  private final LongSupplier nanoTime;
  private final Map<String, RefusedTarget> refused = new ConcurrentHashMap<>();

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  TargetNews(String upstream, LongSupplier nanoTime) {
    this.upstream = upstream;
    this.nanoTime = nanoTime;
  }

  private record RefusedTarget(RefusalReason reason, long lastNanos) {}

  void refused(String target, Refusal why) {
    RefusalReason reason = why.reason();
    boolean hasRoom = refused.containsKey(target) || refused.size() < MAX_TARGETS;
    if (reason.fault() == Fault.CALLER || !hasRoom) {
      return;
    }
    RefusedTarget before = refused.put(target, new RefusedTarget(reason, nanoTime.getAsLong()));
    if (before == null || before.reason() != reason) {
      LOG.log(
          Level.WARNING,
          "Upstream "
              + upstream
              + " refuses the target "
              + target
              + ": "
              + reason
              + ", "
              + why.seen());
    }
  }

  void issued(String target) {
    RefusedTarget before = refused.get(target);
    if (before != null
        && nanoTime.getAsLong() - before.lastNanos() >= PeerNews.QUIET.toNanos()
        && refused.remove(target, before)) {
      LOG.log(
          Level.INFO,
          "Upstream " + upstream + " issues tokens for the target " + target + " again");
    }
  }
}
