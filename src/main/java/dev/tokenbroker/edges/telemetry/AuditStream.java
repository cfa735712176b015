package dev.tokenbroker.edges.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes whole lines, in as few writes as possible, to a stream that other parts of this process
 * also write to. "Written" means handed to the operating system: a line survives the end of this
 * process, but not of the machine.
 *
 * <p>A write has at most {@value #MOST_BYTES} bytes, unless a single line is longer. A pipe takes a
 * write of that size as a whole (POSIX, {@code PIPE_BUF}), so no log line can get between. A failed
 * write may have torn a line, so the next write begins on a new line. Safe for use by many threads;
 * one of them writes at a time.
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
   * @throws IOException if any line may not be written
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

  /** The end of the last line that fits, or of the first line if none fits. */
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
