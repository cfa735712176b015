package dev.tokenbroker.lifecycle;

import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Decides which callers are operators, in the same way for every edge. An operator has {@link
 * Right#OPERATE}. With {@code token-broker.exchange.operators-on-loopback}, which is for dev mode
 * only, every caller on this machine is an operator.
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
   * The refusal of a caller that is no operator, as in {@link CallerAccess#admit}; empty for an
   * operator. Checks signatures, so it must not run on an event loop.
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
