package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.StateLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Writes events to the file on a thread of its own, so that no caller waits for the disk. Events
 * that find the queue full are not written. One warning says that writing fails, and one line that
 * it works again.
 */
final class ChangeWriter {

  private static final Logger LOG = Logger.getLogger(ChangeWriter.class);
  private static final int QUEUE = 1_000;
  private static final Duration DRAIN = Duration.ofSeconds(1);

  private final ChangeFile file;
  private final Path path;
  private final ThreadPoolExecutor thread;
  private final StateLog states = new StateLog(ChangeWriter.class, Duration.ZERO, System::nanoTime);

  ChangeWriter(Path path) {
    this.path = path;
    this.file = new ChangeFile(path);
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().daemon().name("changes-file").factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    this.thread.allowCoreThreadTimeOut(true);
  }

  /** The last events that were written, the oldest first; none if the file cannot be read. */
  List<ChangeEvent> last(int most) {
    try {
      return file.last(most);
    } catch (IOException unreadable) {
      LOG.warnf(
          "The changes of earlier runs cannot be read from %s (%s); the timeline begins anew",
          path, unreadable.getClass().getSimpleName());
      return List.of();
    }
  }

  /** Writes an event soon. */
  void write(ChangeEvent event) {
    thread.execute(() -> append(event));
  }

  private void append(ChangeEvent event) {
    try {
      file.append(event);
      boolean _ = states.ends("", () -> "Changes are written to " + path + " again");
    } catch (IOException failed) {
      String why = failed.getClass().getSimpleName();
      boolean _ =
          states.begins(
              "",
              "",
              () ->
                  ("Changes cannot be written to %s (%s); a restart will forget them."
                          + " Let the broker write it, on a disk with space left")
                      .formatted(path, why));
    }
  }

  /** Writes what is queued, for a second at most, and closes the file. */
  void close() {
    thread.execute(file::close);
    thread.shutdown();
    try {
      boolean _ = thread.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
