package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
import dev.tokenbroker.evaluate.revocation.OperatorAccess.CallingOperator;
import dev.tokenbroker.evaluate.revocation.Right;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Shows the timeline to operators. The caller is authenticated first, so it must not run on an
 * event loop.
 */
@Singleton
public final class Timeline {

  private final OperatorAccess access;
  private final ChangeLog changes;

  Timeline(OperatorAccess access, ChangeLog changes) {
    this.access = access;
    this.changes = changes;
  }

  /** The events, the oldest first; refuses callers without {@code operate}. */
  public Outcome<List<ChangeEvent>> events(CallingOperator caller) {
    return access.admit(caller, Right.OPERATE).map(_ -> changes.events());
  }

  /**
   * Makes a watch receive coming events until it is closed.
   *
   * @return the events so far, or the refusal of a caller without {@code operate}, or {@code
   *     BROKER_OVERLOADED} if there are {@value ChangeLog#MAX_WATCHES} watches
   */
  public Outcome<List<ChangeEvent>> follow(CallingOperator caller, ChangeWatch watch) {
    return access
        .admit(caller, Right.OPERATE)
        .then(
            _ ->
                changes
                    .follow(watch)
                    .map(Outcome::accepted)
                    .orElseGet(
                        () ->
                            Outcome.refused(
                                Refusal.of(RefusalReason.BROKER_OVERLOADED)
                                    .expected(
                                        "fewer than "
                                            + ChangeLog.MAX_WATCHES
                                            + " streams of changes")
                                    .seen("as many"))));
  }

  /** Ends all watches, before the process ends. */
  public void endWatches() {
    changes.endWatches();
  }
}
