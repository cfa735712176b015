package dev.tokenbroker.door;

import dev.tokenbroker.exchange.Home;
import dev.tokenbroker.exchange.Presence;
import dev.tokenbroker.exchange.Turn;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;

/**
 * The way back to one call: to the event loop that it is made on, and to its context. Made on that
 * loop; safe for use by any thread.
 */
public final class WayBack {

  private final Thread loopThread = Thread.currentThread();
  private final Context context = Context.current();
  private final ContextInternal call;
  private final Turn turn;

  WayBack(ContextInternal call, Turn turn) {
    this.call = call;
    this.turn = turn;
  }

  /**
   * Where the caller is answered.
   *
   * @param presence whether it is still there
   */
  public Home home(Presence presence) {
    return new Home(task -> onLoop(() -> inContext(task)), turn, call.nettyEventLoop(), presence);
  }

  /** Runs that on the event loop: at once where this is it, else soon. */
  public void onLoop(Runnable task) {
    if (Thread.currentThread() == loopThread) {
      call.dispatch(task);
    } else {
      call.runOnContext(_ -> task.run());
    }
  }

  /** Runs that on the event loop once so long has passed. */
  public void after(Duration time, Runnable task) {
    long _ = call.owner().setTimer(time.toMillis(), _ -> onLoop(task));
  }

  /** Runs that at once, on this thread, for the sake of the call: in its trace. */
  public void inContext(Runnable task) {
    try (Scope _ = context.makeCurrent()) {
      task.run();
    }
  }
}
