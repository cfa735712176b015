package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Refusal;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answer of {@link Admission}. */
sealed interface Admitted {

  /**
   * Does admitted work on this thread, and closes its permit.
   *
   * @param latest the moment from which no caller waits for it any more
   * @param refused makes the result where the work was refused
   */
  default <R> R through(Supplier<Deadline> latest, Supplier<R> work, Function<Refusal, R> refused) {
    return switch (this) {
      case Refused(Refusal full) -> refused.apply(full);
      case Permit permit -> {
        try (permit) {
          yield permit.begin(latest.get()) instanceof Refused(Refusal late)
              ? refused.apply(late)
              : work.get();
        }
      }
    };
  }

  /** Gives a permit back; nothing where there is none. */
  default void close() {}

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
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    /**
     * @param credential whose evaluation it is; null for other work
     */
    Permit(Admission admission, @Nullable CredentialDigest credential, long admittedNanos) {
      this.admission = admission;
      this.credential = credential;
      this.admittedNanos = admittedNanos;
    }

    /**
     * Begins the work, once.
     *
     * @param latest the moment from which no caller waits any more
     * @return this permit; or {@code BROKER_OVERLOADED} or {@code DEADLINE_EXCEEDED}: then the
     *     permit is closed, and nothing is to be done
     */
    Admitted begin(Deadline latest) {
      if (!state.compareAndSet(State.WAITING, State.BEGUN)) {
        throw new IllegalStateException("a permit is begun once, and before it is closed");
      }
      Refusal late = admission.begin(credential, admittedNanos, latest);
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
        case WAITING -> admission.unused(credential);
        case BEGUN -> admission.ended();
        case CLOSED -> {}
      }
    }
  }
}
