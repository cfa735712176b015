package dev.tokenbroker.edges.http.guard;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that are opened and then left alone, every other one in the middle of a request; by a
 * process of its own, since both ends of ten thousand are more descriptors than many a process may
 * have. The program says when all are open, and when the broker has closed all.
 */
final class IdleConnections implements AutoCloseable {

  private static final String OPEN = "open";
  private static final String CLOSED = "closed";

  private final Process process;
  private final BufferedReader said;

  private IdleConnections(Process process) {
    this.process = process;
    this.said =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /** Opens that many. */
  static IdleConnections open(URI broker, int count) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new IdleConnections(
        new ProcessBuilder(
                java.toString(),
                "-Xmx256m",
                "-cp",
                Path.of("target", "test-classes").toString(),
                IdleConnections.class.getName(),
                broker.toString(),
                Integer.toString(count))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** Returns once the broker has them all. */
  void awaitOpen() throws IOException {
    await(OPEN);
  }

  /** Returns once the broker has closed them all. */
  void awaitClosed() throws IOException {
    await(CLOSED);
  }

  private void await(String word) throws IOException {
    String line = said.readLine();
    if (!word.equals(line)) {
      throw new AssertionError("not " + word + ": " + line);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }

  public static void main(String[] args) {
    URI broker = URI.create(args[0]);
    List<RawConnection> idle = new ArrayList<>();
    for (int at = 0; at < Integer.parseInt(args[1]); at++) {
      RawConnection connection = new RawConnection(broker);
      idle.add(at % 2 == 0 ? connection : connection.send("POST /token HTTP/1.1\r\nX-A: "));
    }
    System.out.println(OPEN);
    idle.forEach(RawConnection::untilClosed);
    System.out.println(CLOSED);
  }
}
