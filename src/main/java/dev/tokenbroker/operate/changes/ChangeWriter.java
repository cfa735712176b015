package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.files.LineFile;
import dev.tokenbroker.base.text.StateLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private final StateLog states = new StateLog(ChangeWriter.class);

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
      states.ends("", () -> "Changes are written to " + path + " again");
    } catch (IOException failed) {
      String why = failed.getClass().getSimpleName();
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
      thread.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The timeline in a file of JSON lines. At {@value #MAX_BYTES} bytes the file is renamed to
   * {@code .1}, which replaces the one before, and a new one begins. Not safe for use by several
   * threads.
   */
  static final class ChangeFile {

    static final int MAX_BYTES = 4 * 1024 * 1024;

    /** Longer than any line that the broker writes: four texts of 256 characters. */
    private static final int MAX_LINE_BYTES = 16 * 1024;

    private final LineFile file;
    private final LineFile former;

    ChangeFile(Path path) {
      this.file = new LineFile(path);
      this.former = new LineFile(file.beside("1"));
    }

    /** Reads the last events, the oldest first; lines that are no events are left out. */
    List<ChangeEvent> last(int most) throws IOException {
      List<ChangeEvent> events = new ArrayList<>(read(former));
      events.addAll(read(file));
      return events.subList(Math.max(0, events.size() - most), events.size());
    }

    private static List<ChangeEvent> read(LineFile file) throws IOException {
      try (InputStream input = file.read()) {
        // Twice the bound, for a file that was written before a crash or by hand.
        byte[] content = input.readNBytes(2 * MAX_BYTES);
        // One character for each byte, until a line is parsed.
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return text.substring(0, text.lastIndexOf('\n') + 1)
            .lines()
            .filter(line -> line.length() <= MAX_LINE_BYTES)
            .flatMap(line -> ChangeLine.parse(line.getBytes(StandardCharsets.ISO_8859_1)).stream())
            .toList();
      } catch (NoSuchFileException _) {
        return List.of();
      }
    }

    /** Appends an event. After a failure, the next call opens the file again. */
    void append(ChangeEvent event) throws IOException {
      byte[] line = ChangeLine.inFile(event);
      if (file.size() + line.length > MAX_BYTES) {
        file.rotate(1);
      }
      file.append(line);
    }

    /** Closes the file; the next event opens it again. */
    void close() {
      file.close();
    }
  }
}
