package dev.tokenbroker.door;

import dev.tokenbroker.exchange.Crowd;
import dev.tokenbroker.exchange.Turn;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import jakarta.inject.Singleton;
import java.util.Objects;

/** Knows the turn of each event loop. */
@Singleton
public final class EventLoops {

  private final Crowd crowd = new Crowd(Runtime.getRuntime().availableProcessors());

  private final FastThreadLocal<Turn> turn =
      new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
          return turn((SingleThreadEventLoop) call().nettyEventLoop());
        }
      };

  /** The way back to the call that is being made on this event loop. */
  public WayBack wayBack() {
    return new WayBack(call(), turn.get());
  }

  /** A task that is given to a loop runs in the same iteration; one after it, in the next. */
  private Turn turn(SingleThreadEventLoop loop) {
    return new Turn(
        loop, task -> loop.executeAfterEventLoopIteration(() -> loop.execute(task)), crowd);
  }

  private static ContextInternal call() {
    return (ContextInternal) Objects.requireNonNull(Vertx.currentContext());
  }
}
