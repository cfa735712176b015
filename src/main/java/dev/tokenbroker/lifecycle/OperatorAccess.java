package dev.tokenbroker.lifecycle;

import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Decides which callers are operators, the same for every edge: those with {@link Right#OPERATE},
 * and in dev mode every caller on this machine.
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
   * Why the caller is no operator, as in {@link CallerAccess#admit}; empty where it is one. Checks
   * signatures: not for an event loop.
   *
   * @param loopback whether the call comes from this machine
   */
  public Optional<Refusal> refusal(PresentedCaller caller, boolean loopback, Deadline deadline) {
    if (openOnLoopback && loopback) {
      return Optional.empty();
    }
    return switch (access.admit(caller, Right.OPERATE, deadline)) {
      case Outcome.Accepted<KnownCaller> _ -> Optional.empty();
      case Outcome.Refused<KnownCaller>(Refusal refusal) -> Optional.of(refusal);
    };
  }
}
