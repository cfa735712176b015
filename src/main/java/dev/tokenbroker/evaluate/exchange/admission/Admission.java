package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Admits evaluations as long as they can be done in time. It refuses the rest at the price of a few
 * counters, with a time to come back at. Cached tokens and health checks do not pass here.
 *
 * <p>There are four reasons to refuse. The callers' deadline has passed. Too many evaluations are
 * under way, which bounds memory. The queue for a processor has stood too long ({@link
 * WaitingRoom}). The credential is presented too often. The first and the third are checked again
 * when the evaluation gets its thread.
 *
 * <p>Safe for use by any number of threads, event loops included: it never waits.
 */
@Singleton
public final class Admission {

  private final int maxInFlight;
  private final long maxPushbackMillis;
  private final WaitingRoom room;
  private final CredentialRates rates;
  private final Clocks clock;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger sharers = new AtomicInteger();
  private final LongAdder admitted = new LongAdder();
  private final LongAdder refusedWaiting = new LongAdder();
  private final LongAdder refusedInFlight = new LongAdder();
  private final LongAdder refusedLate = new LongAdder();
  private final LongAdder refusedCredential = new LongAdder();
  private final LongAdder expired = new LongAdder();

  @Inject
  public Admission(AdmissionSettings settings, Clocks clock) {
    this(settings, Runtime.getRuntime().availableProcessors(), clock);
  }

  /**
   * @param processors how many evaluations run at a time
   * @param clock its chance spreads the return of refused callers
   */
  public Admission(AdmissionSettings settings, int processors, Clocks clock) {
    this.maxInFlight = Math.max(1, settings.maxInFlight());
    this.maxPushbackMillis = Math.max(1, settings.maxPushback().toMillis());
    this.room = new WaitingRoom(settings.targetDelay(), processors, clock::nanoTime);
    this.rates =
        new CredentialRates(
            settings.perCredentialRate(), settings.perCredentialBurst(), clock::nanoTime);
    this.clock = clock;
  }

  /**
   * Requests an evaluation.
   *
   * @return a permit, which must be begun and closed; or the refusal {@code BROKER_OVERLOADED},
   *     {@code CREDENTIAL_RATE_LIMITED} or {@code DEADLINE_EXCEEDED}
   */
  public Admitted admit(CredentialDigest credential, Deadline deadline) {
    Refusal full = enter(deadline);
    if (full != null) {
      return new Admitted.NotAdmitted(full);
    }
    long untilNextNanos = rates.take(credential);
    if (untilNextNanos > 0) {
      leave();
      return new Admitted.NotAdmitted(tooOften(untilNextNanos));
    }
    return permit(credential);
  }

  /**
   * Requests work that is not the evaluation of a credential, such as checking a proof.
   *
   * @return a permit, which must be begun and closed; or the refusal {@code BROKER_OVERLOADED} or
   *     {@code DEADLINE_EXCEEDED}
   */
  public Admitted admit(Deadline deadline) {
    Refusal full = enter(deadline);
    return full == null ? permit(null) : new Admitted.NotAdmitted(full);
  }

  /**
   * Requests a share in an evaluation for another caller. Sharers are counted apart from
   * evaluations, so that many callers with the same request shut out no evaluations. Nor may they
   * shut out all sharers of others.
   *
   * @param ofSame how many callers share that evaluation
   * @return {@code BROKER_OVERLOADED} if too many share evaluations, or three quarters of as many
   *     that one; else empty, and the caller must {@link #sharerLeft leave}
   */
  public Optional<Refusal> admitSharer(AtomicInteger ofSame) {
    int all = sharers.incrementAndGet();
    if (ofSame.incrementAndGet() > maxInFlight - maxInFlight / 4 || all > maxInFlight) {
      sharerLeft(ofSame);
      return Optional.of(overloaded(refusedInFlight));
    }
    return Optional.empty();
  }

  /** A caller no longer waits for a shared evaluation. */
  public void sharerLeft(AtomicInteger ofSame) {
    ofSame.decrementAndGet();
    sharers.decrementAndGet();
  }

  private Admitted permit(@Nullable CredentialDigest credential) {
    return new Admitted.Permit(this, credential, clock.nanoTime());
  }

  private @Nullable Refusal enter(Deadline deadline) {
    if (deadline.hasPassed()) {
      return expired(deadline);
    }
    if (inFlight.incrementAndGet() > maxInFlight) {
      ended();
      return overloaded(refusedInFlight);
    }
    if (!room.enter()) {
      ended();
      return overloaded(refusedWaiting);
    }
    return null;
  }

  private Refusal expired(Deadline deadline) {
    expired.increment();
    RefusalReason reason = deadline.passed(RefusalReason.BROKER_OVERLOADED);
    Refusal late = Refusal.of(reason).seen("a deadline that passed in the queue");
    return reason == RefusalReason.DEADLINE_EXCEEDED ? late : late.retryAfter(pushback());
  }

  /** The present figures. */
  public AdmissionStatus status() {
    boolean overloaded = room.isOverloaded();
    return new AdmissionStatus(
        overloaded,
        overloaded ? Math.min(room.room(), maxInFlight) : maxInFlight,
        room.waiting(),
        inFlight.get(),
        admitted.sum(),
        refusedWaiting.sum(),
        refusedInFlight.sum(),
        refusedLate.sum(),
        refusedCredential.sum(),
        expired.sum());
  }

  /**
   * Begins an evaluation, or refuses it: no caller waits any more, or it stood in the queue too
   * long.
   */
  @Nullable Refusal begin(
      @Nullable CredentialDigest credential, long admittedNanos, Deadline latest) {
    boolean inTime = room.begin(clock.nanoTime() - admittedNanos);
    if (!inTime || latest.hasPassed()) {
      giveBack(credential);
      return inTime ? expired(latest) : overloaded(refusedLate);
    }
    admitted.increment();
    return null;
  }

  void unused(@Nullable CredentialDigest credential) {
    giveBack(credential);
    leave();
  }

  private void giveBack(@Nullable CredentialDigest credential) {
    if (credential != null) {
      rates.giveBack(credential);
    }
  }

  private void leave() {
    room.leave();
    ended();
  }

  void ended() {
    inFlight.decrementAndGet();
  }

  /** Refuses: the limit for this kind of work is reached. */
  public Refusal overloaded() {
    return overloaded(refusedInFlight);
  }

  private Refusal overloaded(LongAdder kind) {
    kind.increment();
    return Refusal.of(RefusalReason.BROKER_OVERLOADED).retryAfter(pushback());
  }

  private Refusal tooOften(long untilNextNanos) {
    refusedCredential.increment();
    return Refusal.of(RefusalReason.CREDENTIAL_RATE_LIMITED)
        .retryAfter(Duration.ofNanos(untilNextNanos).plus(pushback()));
  }

  /**
   * Full jitter: all moments up to the longest are equally likely. So callers refused together do
   * not come back together (Brooker, "Exponential Backoff and Jitter", 2015).
   */
  private Duration pushback() {
    return Duration.ofMillis(clock.random().nextLong(1, maxPushbackMillis + 1));
  }

  /**
   * The counts of admission since the start, and its present state.
   *
   * @param overloaded whether the broker is overloaded
   * @param limit how many may wait for a processor, at this moment
   * @param waiting how many wait
   * @param inFlight how many evaluations and checks of proofs were admitted and have not ended
   * @param admitted evaluations and checks of proofs that were admitted and begun
   * @param refusedWaiting refused because too many waited for a thread
   * @param refusedInFlight refused because too many were under way, or shared one
   * @param refusedLate admitted, and refused because they had waited for too long
   * @param refusedCredential refused because of their credential's rate
   * @param expired refused because their deadline had passed
   */
  public record AdmissionStatus(
      boolean overloaded,
      int limit,
      int waiting,
      int inFlight,
      long admitted,
      long refusedWaiting,
      long refusedInFlight,
      long refusedLate,
      long refusedCredential,
      long expired) {}
}
