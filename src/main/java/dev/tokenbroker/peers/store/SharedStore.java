package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import java.util.Optional;

/**
 * What replicas share. Safe for use by any number of threads. A call may wait for the network, for
 * {@code token-broker.store.timeout-millis} at most, so it must not run on an event loop.
 */
public interface SharedStore {

  /**
   * Claims a name. If several replicas claim the same name, at most one succeeds.
   *
   * <p>Call it only for a name that this process does not hold: a claim of this process that the
   * store still has is then left over from a call whose answer was lost, and is replaced.
   */
  StoreClaim claim(ClaimedName name);

  /**
   * Keeps a name for good, once it was used. Until then other replicas cannot tell whether the name
   * will be given back. If the store does not answer, the process tries again until it does.
   */
  void confirm(StoreClaim.Mine claim);

  /**
   * Gives a name back that was not used, unless somebody else holds it by now. If the store does
   * not answer, the process tries again until it does.
   */
  void giveBack(StoreClaim.Mine claim);

  /** Why a claim would be denied now, without claiming; empty if it would not. */
  Optional<StoreClaim.Denied> look(ClaimedName name);

  /** Has a listener hear all that replicas announce in a log, from the oldest entry kept. */
  StoreLog listen(LogKind kind, StoreLog.LogListener listener);
}
