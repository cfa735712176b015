package dev.tokenbroker.door;

import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.exchange.BugReport;
import dev.tokenbroker.outcome.RefusalReason;
import io.quarkus.virtual.threads.VirtualThreads;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/**
 * Takes the work of calls that may wait off their event loops: each has a thread of its own, as
 * long as there are not too many of its kind. Safe for use by any number of threads; never waits.
 */
@Singleton
public final class WorkOffLoop {

  private static final Logger log = Logger.getLogger(WorkOffLoop.class);

  private final CallsOffLoop calls;
  private final ExecutorService threads;

  public WorkOffLoop(CallsOffLoop calls, @VirtualThreads ExecutorService threads) {
    this.calls = calls;
    this.threads = threads;
  }

  /**
   * Begins some work.
   *
   * @return why it is not begun; empty where it is
   */
  public Optional<RefusalReason> begin(Kind kind, Runnable work) {
    if (!calls.enter(kind)) {
      return Optional.of(RefusalReason.BROKER_OVERLOADED);
    }
    try {
      threads.execute(
          () -> {
            try {
              work.run();
            } finally {
              calls.leave(kind);
            }
          });
    } catch (RejectedExecutionException stopping) {
      calls.leave(kind);
      return Optional.of(RefusalReason.BROKER_STOPPING);
    } catch (RuntimeException | Error noThread) {
      calls.leave(kind);
      log.errorf("A call got no thread: %s", BugReport.of(noThread));
      return Optional.of(RefusalReason.INTERNAL_ERROR);
    }
    return Optional.empty();
  }
}
