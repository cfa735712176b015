package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.edges.grpc.RefusalStatus.RefusedCall;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.virtual.threads.VirtualThreads;
import jakarta.inject.Singleton;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Answers calls with one response, or with the status of a refusal. */
@Singleton
final class UnaryCalls {

  private static final Logger LOG = Logger.getLogger(UnaryCalls.class);

  private final ExecutorService threads;

  UnaryCalls(@VirtualThreads ExecutorService threads) {
    this.threads = threads;
  }

  /**
   * Answers on a virtual thread of its own, in the context of the call.
   *
   * @param message makes the response; it may block, and throw {@link RefusedCall}
   */
  <A> void onThread(StreamObserver<A> answer, Supplier<A> message) {
    ignoreCancellation(answer);
    threads.execute(Context.current().wrap(() -> answer(answer, message)));
  }

  /** Without a cancel handler, grpc-java throws when a service answers a cancelled call. */
  static void ignoreCancellation(StreamObserver<?> answer) {
    ((ServerCallStreamObserver<?>) answer).setOnCancelHandler(() -> {});
  }

  /** The accepted message. Throws {@link RefusedCall} for a refusal of the caller. */
  static <A> A granted(Outcome<A> outcome, CallTime time) {
    return switch (outcome) {
      case Outcome.Accepted<A>(A message) -> message;
      case Outcome.Refused<A>(Refusal refusal) -> throw RefusalStatus.ofCaller(refusal, time);
    };
  }

  static <A> void answer(StreamObserver<A> answer, Supplier<A> message) {
    try {
      answer.onNext(message.get());
      answer.onCompleted();
    } catch (RefusedCall refused) {
      answer.onError(refused);
    } catch (RuntimeException | Error bug) {
      broken(answer, bug);
    }
  }

  /** Ends a call because of a bug. */
  static void broken(StreamObserver<?> answer, Throwable bug) {
    LOG.errorf("A call ended in a bug: %s", BugReport.of(bug));
    answer.onError(RefusalStatus.of(RefusalReason.INTERNAL_ERROR));
  }
}
