package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.token.Right;
import jakarta.inject.Singleton;

/**
 * Tells operators from other callers, the same for every edge: they have the {@link Right#OPERATE};
 * in dev mode whoever calls from this machine is one, too.
 */
@Singleton
public final class OperatorAccess {

  private final CallerAccess access;
  private final boolean openOnLoopback;

  OperatorAccess(CallerAccess access, ExchangeSettings settings) {
    this.access = access;
    this.openOnLoopback = settings.operatorsOnLoopback();
  }

  /**
   * Whether the caller is an operator.
   *
   * @param authorization the Authorization header (RFC 6750 section 2.1), empty where there is none
   * @param loopback whether the call comes from this machine
   */
  public boolean recognises(String authorization, boolean loopback, Deadline deadline) {
    if (openOnLoopback && loopback) {
      return true;
    }
    PresentedCaller caller = new PresentedCaller(authorization, null, "", "");
    return access.admit(caller, Right.OPERATE, deadline) instanceof Outcome.Accepted;
  }
}
