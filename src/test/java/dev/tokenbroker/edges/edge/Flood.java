package dev.tokenbroker.edges.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A {@link FloodSender} in a process of its own, until it is asked what came of it: beside honest
 * callers in one process it would take their time and not the broker's.
 */
final class Flood implements AutoCloseable {

  private final Process process;
  private final BufferedReader said;

  /** What came of it: requests that were sent, answered in whole, and answered with a token. */
  record Sent(long requests, long answered, long granted) {}

  private Flood(Process process) {
    this.process = process;
    this.said = process.inputReader(US_ASCII);
  }

  /**
   * Returns once it sends.
   *
   * @param known of {@link FloodRequests#known}
   * @param ports the HTTP port and the gRPC port of the broker, or none for a server that reads and
   *     closes
   */
  static Flood start(List<String> known, int perSecond, List<Integer> ports) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(List.of(FloodSender.class.getName(), "" + perSecond));
    ports.forEach(port -> command.add("" + port));
    Flood flood = new Flood(new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    for (String line : known) {
      flood.process.getOutputStream().write((line + "\n").getBytes(US_ASCII));
    }
    flood.process.getOutputStream().flush();
    flood.awaitStarted();
    return flood;
  }

  private void awaitStarted() throws IOException {
    for (String line = said.readLine(); !FloodSender.STARTED.equals(line); line = said.readLine()) {
      if (line == null) {
        throw new AssertionError("it ended before it sent");
      }
    }
  }

  /** Ends it. */
  Sent sent() {
    try {
      process.getOutputStream().close();
      long[] counts =
          Arrays.stream(String.valueOf(said.readLine()).split(" "))
              .mapToLong(Long::parseLong)
              .toArray();
      return new Sent(counts[0], counts[1], counts[2]);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
