package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.MintedToken;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
import dev.tokenbroker.evaluate.revocation.OperatorAccess.CallingOperator;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.Right;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Shows the timeline to operators. The caller is authenticated first, so it must not run on an
 * event loop.
 */
@Singleton
public final class Timeline {

  private final OperatorAccess access;
  private final ChangeLog changes;
  private final Revocations revocations;
  private final InstantSource clock;

  Timeline(OperatorAccess access, ChangeLog changes, Revocations revocations, InstantSource clock) {
    this.access = access;
    this.changes = changes;
    this.revocations = revocations;
    this.clock = clock;
  }

  /** The events, the oldest first; refuses callers without {@code operate}. */
  public Outcome<List<ChangeEvent>> events(CallingOperator caller) {
    return access.admit(caller, Right.OPERATE).map(_ -> changes.events());
  }

  /**
   * Makes a watch receive coming events until it is closed, or the caller's token expires or is
   * revoked.
   *
   * @return the events so far, or the refusal of a caller without {@code operate}, or {@code
   *     STREAMS_FULL} if there are {@value ChangeLog#MAX_WATCHES} watches, or {@code
   *     CALLER_STREAMS_FULL} if the caller has {@value ChangeLog#MAX_PER_OPERATOR}
   */
  public Outcome<List<ChangeEvent>> follow(CallingOperator caller, ChangeWatch watch) {
    return access
        .admit(caller, Right.OPERATE)
        .then(
            known -> {
              give(watch, known);
              return changes.follow(watch);
            });
  }

  private void give(ChangeWatch watch, KnownCaller known) {
    MintedToken token = known.token();
    watch.belongTo(
        known.name(),
        token == null
            ? ChangeWatch.LIFETIME
            : Duration.between(clock.instant(), token.expireTime()),
        () -> token != null && revocations.holds(token.id()));
  }

  /** Ends all watches, before the process ends. */
  public void endWatches() {
    changes.endWatches();
  }
}
