package dev.tokenbroker.edges.http.operator;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The lines of one stream. A write waits for a slow caller, so it must not run on an event loop.
 */
public final class LineOutput {

  private final OutputStream output;

  public LineOutput(OutputStream output) {
    this.output = output;
  }

  /** Writes a line of JSON, which must have no line break. */
  public void write(byte[] json) throws IOException {
    output.write(json);
    output.write('\n');
  }

  /** Writes a line that says nothing: it only shows whether the caller is still there. */
  void writeEmptyLine() throws IOException {
    output.write('\n');
  }

  /** Sends what was written. */
  public void flush() throws IOException {
    output.flush();
  }
}
