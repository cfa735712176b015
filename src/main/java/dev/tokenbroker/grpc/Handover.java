package dev.tokenbroker.grpc;

import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.door.WayBack;
import dev.tokenbroker.door.WorkOffLoop;
import dev.tokenbroker.exchange.BugReport;
import dev.tokenbroker.exchange.Home;
import dev.tokenbroker.exchange.Presence;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Brings answers that are found on any thread back to the very event loop that their call belongs
 * to, where those that end in one turn of the loop are recorded together; and takes work that may
 * wait off it.
 *
 * <p>The bringing back is not for speed: the gRPC server on Vert.x is not safe for answers from
 * other threads. With the framework's own annotation for virtual threads, which answers from there,
 * about one call in ten thousand was lost or ended in INTERNAL under load.
 */
@Singleton
final class Handover {

  private static final Logger log = Logger.getLogger(Handover.class);

  private final EventLoops loops;
  private final CallsUnderWay underWay;
  private final WorkOffLoop work;

  Handover(EventLoops loops, CallsUnderWay underWay, WorkOffLoop work) {
    this.loops = loops;
    this.underWay = underWay;
    this.work = work;
  }

  /** The way back to one call. */
  static final class Reply<A> {

    private final StreamObserver<A> answer;
    private final WayBack back;
    private final CallsUnderWay underWay;
    private final Presence presence;

    private Reply(StreamObserver<A> answer, WayBack back, CallsUnderWay underWay) {
      this.answer = answer;
      this.back = back;
      this.underWay = underWay;
      this.presence = Caller.current().presence();
    }

    /** The event loop of this call, and its context. */
    Home home() {
      return back.home(presence);
    }

    /**
     * Answers, once.
     *
     * @param message what to answer with; it throws StatusRuntimeException to refuse
     */
    void with(Supplier<A> message) {
      try {
        A made = message.get();
        answer(
            () -> {
              answer.onNext(made);
              answer.onCompleted();
            });
      } catch (StatusRuntimeException refusal) {
        answer(() -> answer.onError(refusal));
      } catch (RuntimeException | Error bug) {
        broken(bug);
      }
    }

    /** Answers with that reason alone. */
    void refuse(RefusalReason reason) {
      answer(() -> answer.onError(refused(reason)));
    }

    // Evaluations end in values whatever happens inside; this is for what lies around them. No
    // message: it might quote.
    void broken(Throwable bug) {
      log.errorf("A call ended in a bug: %s", BugReport.of(bug));
      refuse(RefusalReason.INTERNAL_ERROR);
    }

    private void answer(Runnable task) {
      back.onLoop(
          () -> {
            try {
              // What is written to a stream that has been reset fails. Resets are read on this very
              // event loop, so that none can come in between.
              if (!presence.hasGone()) {
                task.run();
              }
            } finally {
              underWay.end();
            }
          });
    }
  }

  /** Lets a call in, which must then be answered by a reply; answers it itself where all ends. */
  boolean admits(StreamObserver<?> answer) {
    if (underWay.begin()) {
      return true;
    }
    answer.onError(refused(RefusalReason.BROKER_STOPPING));
    return false;
  }

  /** The way back to the call that is being made on this event loop. */
  <A> Reply<A> reply(StreamObserver<A> answer) {
    return new Reply<>(answer, loops.wayBack(), underWay);
  }

  /**
   * Lets a call in and finds its answer on a thread that may wait; where too many of its kind are
   * under way, or all ends, answers so.
   *
   * @param message as for {@link Reply#with}
   */
  <A> void offLoop(StreamObserver<A> answer, Kind kind, Supplier<A> message) {
    if (!admits(answer)) {
      return;
    }
    Reply<A> reply = reply(answer);
    work.begin(kind, () -> reply.back.inContext(() -> reply.with(message)))
        .ifPresent(reply::refuse);
  }

  private static StatusRuntimeException refused(RefusalReason reason) {
    return RefusalStatus.ofCaller(Refusal.of(reason));
  }
}
