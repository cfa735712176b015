package dev.tokenbroker.door;

import dev.tokenbroker.exchange.Turn;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import jakarta.inject.Singleton;
import java.util.Objects;

/** Knows the turn of each event loop. */
@Singleton
public final class EventLoops {

  private final FastThreadLocal<Turn> turn =
      new FastThreadLocal<>() {
        @Override
        protected Turn initialValue() {
          return new Turn(call().nettyEventLoop());
        }
      };

  /** The way back to the call that is being made on this event loop. */
  public WayBack wayBack() {
    return new WayBack(call(), turn.get());
  }

  private static ContextInternal call() {
    return (ContextInternal) Objects.requireNonNull(Vertx.currentContext());
  }
}
