package dev.tokenbroker.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Takes an evaluation off the event loop, since it may wait for keys, and brings its answer back to
 * the very event loop that its call belongs to.
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

  /**
   * Evaluates and answers.
   *
   * @param evaluation the message to answer with; it throws StatusRuntimeException to refuse
   */
  <A> void run(StreamObserver<A> answer, Supplier<A> evaluation) {
    io.vertx.core.Context loop = Objects.requireNonNull(Vertx.currentContext());
    if (answer instanceof ServerCallStreamObserver<A> call) {
      // Who has gone away needs no answer; without a handler, answering would throw.
      call.setOnCancelHandler(() -> {});
    }
    try {
      evaluators.execute(Context.current().wrap(() -> evaluate(loop, answer, evaluation)));
    } catch (RejectedExecutionException stopping) {
      answer.onError(
          Status.UNAVAILABLE.withDescription("The broker is stopping.").asRuntimeException());
    }
  }

  private static <A> void evaluate(
      io.vertx.core.Context loop, StreamObserver<A> answer, Supplier<A> evaluation) {
    try {
      A message = evaluation.get();
      loop.runOnContext(
          back -> {
            answer.onNext(message);
            answer.onCompleted();
          });
    } catch (StatusRuntimeException refusal) {
      loop.runOnContext(back -> answer.onError(refusal));
    } catch (RuntimeException bug) {
      // Evaluations end in values whatever happens inside; this is for what lies around them. No
      // message: it might quote.
      log.errorf("A call ended in a bug: %s", bug.getClass().getName());
      loop.runOnContext(back -> answer.onError(Status.INTERNAL.asRuntimeException()));
    }
  }
}
