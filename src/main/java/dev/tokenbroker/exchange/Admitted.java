package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.token.CredentialDigest;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the door says. */
sealed interface Admitted {

  /**
   * Does a piece of work that was let in, on this thread, once it is begun; and closes its permit.
   *
   * @param refused what comes of it where it was not let in, or has waited for too long
   */
  default <R> R through(Supplier<R> work, Function<Refusal, R> refused) {
    return switch (this) {
      case Refused(Refusal full) -> refused.apply(full);
      case Permit permit -> {
        try (permit) {
          yield permit.begin() instanceof Refused(Refusal late) ? refused.apply(late) : work.get();
        }
      }
    };
  }

  /** Not now; nothing has been done, and nothing is to be closed. */
  record Refused(Refusal refusal) implements Admitted {}

  /**
   * Leave to evaluate one request, or check one proof: first it waits for its turn, then it is
   * begun, at the end it is closed. Whoever gets one closes it, whatever happens; closing again
   * does nothing. Closed before it was begun, it counts as not given. Safe for use by several
   * threads.
   */
  final class Permit implements Admitted, AutoCloseable {

    private enum State {
      WAITING,
      BEGUN,
      CLOSED
    }

    private final Admission admission;
    private final @Nullable CredentialDigest credential;
    private final long admittedNanos;
    private final boolean waits;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    /**
     * @param credential whose evaluation it is; null for other work
     * @param waits whether it waits for a processor; else it is begun at once, on the thread that
     *     asked
     */
    Permit(
        Admission admission,
        @Nullable CredentialDigest credential,
        long admittedNanos,
        boolean waits) {
      this.admission = admission;
      this.credential = credential;
      this.admittedNanos = admittedNanos;
      this.waits = waits;
    }

    /**
     * To be called first thing by what evaluates, once.
     *
     * @return this permit; or {@code BROKER_OVERLOADED} where it waited for too long: then the
     *     permit is closed, and nothing is to be done
     */
    Admitted begin() {
      if (!state.compareAndSet(State.WAITING, State.BEGUN)) {
        throw new IllegalStateException("a permit is begun once, and before it is closed");
      }
      Refusal late = admission.begin(credential, admittedNanos, waits);
      if (late == null) {
        return this;
      }
      close();
      return new Refused(late);
    }

    /** The evaluation has ended, however it ended. */
    @Override
    public void close() {
      switch (state.getAndSet(State.CLOSED)) {
        case WAITING -> admission.unused(credential, waits);
        case BEGUN -> admission.ended();
        case CLOSED -> {}
      }
    }
  }
}
