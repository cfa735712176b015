package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The decision of {@link Admission}. */
public sealed interface Admitted {

  /**
   * Does admitted work on this thread, and closes its permit.
   *
   * @param latest the moment from which no caller waits for it any more
   * @param refused makes the result if the work is refused
   */
  default <R> R through(Supplier<Deadline> latest, Supplier<R> work, Function<Refusal, R> refused) {
    return switch (this) {
      case NotAdmitted(Refusal full) -> refused.apply(full);
      case Permit permit -> {
        try (permit) {
          yield permit.begin(latest.get()) instanceof NotAdmitted(Refusal late)
              ? refused.apply(late)
              : work.get();
        }
      }
    };
  }

  /** Gives a permit back; does nothing if there is none. */
  default void close() {}

  /** A refusal: nothing has been done, and there is nothing to close. */
  record NotAdmitted(Refusal refusal) implements Admitted {}

  /**
   * Permission to evaluate one request, or to check one proof. A permit waits for its turn, is
   * begun, and is closed at the end. The holder closes it, whatever happens; closing again does
   * nothing. A permit that is closed before it was begun counts as not given. Safe for use by
   * several threads.
   */
  final class Permit implements Admitted, AutoCloseable {

    private enum AdmittedState {
      WAITING,
      BEGUN,
      CLOSED
    }

    private final Admission admission;
    private final @Nullable CredentialDigest credential;
    private final long admittedNanos;
    private final AtomicReference<AdmittedState> state =
        new AtomicReference<>(AdmittedState.WAITING);

    /**
     * @param credential the credential to evaluate; null for other work
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
     *     permit is closed, and the work must not be done
     */
    Admitted begin(Deadline latest) {
      if (!state.compareAndSet(AdmittedState.WAITING, AdmittedState.BEGUN)) {
        throw new IllegalStateException("a permit is begun once, and before it is closed");
      }
      Refusal late = admission.begin(credential, admittedNanos, latest);
      if (late == null) {
        return this;
      }
      close();
      return new NotAdmitted(late);
    }

    /** The evaluation has ended, however it ended. */
    @Override
    public void close() {
      switch (state.getAndSet(AdmittedState.CLOSED)) {
        case WAITING -> admission.unused(credential);
        case BEGUN -> admission.ended();
        case CLOSED -> {}
      }
    }
  }
}
