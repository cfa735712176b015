package dev.tokenbroker.door;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The answers that were written and have not left yet: an event loop sends what it has written once
 * it has done what it has at hand. Safe for use by any thread but an event loop.
 */
@Singleton
public final class UnsentAnswers {

  private final VertxInternal vertx;

  UnsentAnswers(Vertx vertx) {
    this.vertx = (VertxInternal) vertx;
  }

  /**
   * Waits until all that were written before have left.
   *
   * @param patience how long at most
   * @return whether they have
   */
  public boolean await(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    List<Future<?>> turns = new ArrayList<>();
    for (EventExecutor loop : vertx.getEventLoopGroup()) {
      turns.add(loop.submit(() -> {}));
    }
    boolean sent = true;
    for (Future<?> turn : turns) {
      sent &= turn.awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    return sent;
  }
}
