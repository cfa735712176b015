package dev.tokenbroker.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes whole lines to a stream that others of this process write to as well, as few writes as can
 * be. "Written" means handed to the operating system: a line survives the end of this process, not
 * of the machine.
 *
 * <p>No write is longer than {@value #MOST_BYTES} bytes, unless a single line is: up to there a
 * pipe takes a write as a whole (POSIX, {@code PIPE_BUF}), so no log line can get between. After a
 * write that failed, which may have torn a line, the next begins on a line of its own. Safe for use
 * by many threads, one of which writes at a time.
 */
final class AuditStream {

  static final int MOST_BYTES = 4096;

  private final OutputStream output;
  private final ReentrantLock writing = new ReentrantLock();
  private boolean torn;

  /**
   * @param output never closed, and not buffered
   */
  AuditStream(OutputStream output) {
    this.output = output;
  }

  /**
   * Returns once all lines are written.
   *
   * @param lines each with its line break
   * @throws IOException where any of them may not be
   */
  void write(byte[] lines) throws IOException {
    writing.lock();
    try {
      if (torn) {
        output.write('\n');
      }
      torn = true;
      for (int from = 0, to; from < lines.length; from = to) {
        to = endOfWrite(lines, from);
        output.write(lines, from, to - from);
      }
      torn = false;
    } finally {
      writing.unlock();
    }
  }

  /** Behind the last line that fits, or behind the first where none does. */
  private static int endOfWrite(byte[] lines, int from) {
    if (lines.length - from <= MOST_BYTES) {
      return lines.length;
    }
    for (int at = from + MOST_BYTES - 1; at >= from; at--) {
      if (lines[at] == '\n') {
        return at + 1;
      }
    }
    int end = from + MOST_BYTES;
    while (lines[end] != '\n') {
      end++;
    }
    return end + 1;
  }
}
