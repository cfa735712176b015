package dev.tokenbroker.grpc;

import dev.tokenbroker.exchange.BugReport;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Brings answers that are found on any thread back to the very event loop that their call belongs
 * to; and takes work that may wait off it.
 *
 * <p>The bringing back is not for speed: the gRPC server on Vert.x is not safe for answers from
 * other threads. With the framework's own annotation for virtual threads, which answers from there,
 * about one call in ten thousand was lost or ended in INTERNAL under load.
 */
@Singleton
final class Handover {

  private static final Logger log = Logger.getLogger(Handover.class);

  private final ExecutorService evaluators;

  Handover(@VirtualThreads ExecutorService evaluators) {
    this.evaluators = evaluators;
  }

  /** The way back to one call. */
  static final class Reply<A> {

    private final io.vertx.core.Context loop = Objects.requireNonNull(Vertx.currentContext());
    private final Thread loopThread = Thread.currentThread();
    private final Context context = Context.current();
    private final StreamObserver<A> answer;

    private Reply(StreamObserver<A> answer) {
      this.answer = answer;
    }

    /** Runs what concerns this call, at once, in its context. */
    Executor home() {
      return task -> {
        try (Scope _ = context.makeCurrent()) {
          task.run();
        }
      };
    }

    /**
     * Answers, once.
     *
     * @param message what to answer with; it throws StatusRuntimeException to refuse
     */
    void with(Supplier<A> message) {
      try {
        A made = message.get();
        onLoop(
            () -> {
              answer.onNext(made);
              answer.onCompleted();
            });
      } catch (StatusRuntimeException refusal) {
        onLoop(() -> answer.onError(refusal));
      } catch (RuntimeException bug) {
        broken(bug);
      }
    }

    // Evaluations end in values whatever happens inside; this is for what lies around them. No
    // message: it might quote.
    void broken(RuntimeException bug) {
      log.errorf("A call ended in a bug: %s", BugReport.of(bug));
      onLoop(() -> answer.onError(Status.INTERNAL.asRuntimeException()));
    }

    private void onLoop(Runnable ending) {
      if (Thread.currentThread() == loopThread) {
        ending.run();
      } else {
        loop.runOnContext(_ -> ending.run());
      }
    }
  }

  /** The way back to the call that is being made on this event loop. */
  <A> Reply<A> reply(StreamObserver<A> answer) {
    if (answer instanceof ServerCallStreamObserver<A> call) {
      // Who has gone away needs no answer; without a handler, answering would throw.
      call.setOnCancelHandler(() -> {});
    }
    return new Reply<>(answer);
  }

  /** Finds the answer on a thread that may wait. */
  <A> void offLoop(Reply<A> reply, Supplier<A> message) {
    try {
      evaluators.execute(() -> reply.home().execute(() -> reply.with(message)));
    } catch (RejectedExecutionException stopping) {
      reply.with(
          () -> {
            throw Status.UNAVAILABLE
                .withDescription("The broker is stopping.")
                .asRuntimeException();
          });
    }
  }
}
