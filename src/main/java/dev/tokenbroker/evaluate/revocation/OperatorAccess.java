package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;

/**
 * Decides which callers are operators, in the same way for every edge. An operator has {@link
 * Right#OPERATE}. With {@code token-broker.access.operators-on-loopback}, which is for dev mode
 * only, every caller on this machine is an operator with all rights.
 */
@Singleton
public class OperatorAccess {

  private final CallerAccess access;
  private final boolean openOnLoopback;

  OperatorAccess(CallerAccess access, AccessSettings settings) {
    this.access = access;
    this.openOnLoopback = settings.operatorsOnLoopback();
  }

  /**
   * The refusal of a caller that is no operator, as in {@link CallerAccess#admit}; empty for an
   * operator. Checks signatures, so it must not run on an event loop.
   */
  public Optional<Refusal> refusal(CallingOperator call) {
    return switch (known(call, Right.OPERATE)) {
      case Outcome.Accepted<KnownCaller> _ -> Optional.empty();
      case Outcome.Refused<KnownCaller>(Refusal refusal) -> Optional.of(refusal);
    };
  }

  /**
   * Authenticates an operator and checks that it has a right, as {@link CallerAccess#admit} does.
   * The bulkhead bounds the proofs that unknown callers can make the broker verify.
   */
  @Bulkhead(16)
  @Fallback(fallbackMethod = "overloaded", applyOn = BulkheadException.class)
  public Outcome<KnownCaller> admit(CallingOperator call, Right right) {
    return known(call, right);
  }

  /** Refuses a call above the limit of concurrent calls. */
  Outcome<KnownCaller> overloaded(CallingOperator call, Right right) {
    return Outcome.refused(Refusal.of(RefusalReason.BROKER_OVERLOADED));
  }

  private Outcome<KnownCaller> known(CallingOperator call, Right right) {
    return openOnLoopback && call.loopback()
        ? Outcome.accepted(KnownCaller.ON_THIS_MACHINE)
        : access.admit(call.caller(), right, call.deadline());
  }

  /**
   * The caller of an operators' call, not authenticated yet.
   *
   * @param caller the caller as it presents itself
   * @param loopback whether the connection comes from this machine
   * @param deadline when the response is due
   */
  public record CallingOperator(PresentedCaller caller, boolean loopback, Deadline deadline) {}
}
