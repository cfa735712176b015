package dev.tokenbroker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Loads a broker on this machine with real calls and prints rate, latencies and how the calls
 * ended.
 *
 * <pre>
 * Load prepare DIR                                   writes federation.yaml and a credential good for an hour
 * Load run DIR PORT CALLERS CALLS [valid|malformed]  makes that many calls to that gRPC port, so many of them in
 *                                                    flight, on 4 connections
 * </pre>
 *
 * <p>Only loopback is ever called, and the number of calls is bounded.
 */
public final class Load {

  private static final int MAX_CALLS = 10_000_000;
  private static final String MALFORMED = "ey.ey.ey";

  private Load() {}

  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "prepare" -> prepare(Path.of(args[1]));
      case "run" ->
          run(
              args.length > 5 && args[5].equals("malformed")
                  ? MALFORMED
                  : Files.readString(Path.of(args[1], "credential")),
              Integer.parseInt(args[2]),
              Integer.parseInt(args[3]),
              Math.min(MAX_CALLS, Integer.parseInt(args[4])));
      default -> throw new IllegalArgumentException("prepare or run, not " + args[0]);
    }
  }

  private static void prepare(Path directory) throws IOException {
    LoadIssuer issuer = new LoadIssuer();
    issuer.writeFederation(directory);
    Files.writeString(directory.resolve("credential"), issuer.sign(LoadIssuer.AUDIENCE, 1)[0]);
  }

  private static void run(String credential, int port, int callers, int calls) {
    try (GrpcEdge edge = new GrpcEdge(port, Requests.same(credential))) {
      Calls.Result result = Calls.make(edge, 0, callers, calls);
      System.out.printf(
          "%d calls: %.0f a second; µs p50 %.0f, p99 %.0f, max %.0f; %s%n",
          result.calls(),
          result.perSecond(),
          result.p50Micros(),
          result.p99Micros(),
          result.maxMicros(),
          result.endings());
      if (!credential.equals(MALFORMED) && !result.endings().keySet().equals(Set.of("OK"))) {
        throw new IllegalStateException("not every call was answered with a token");
      }
    }
  }
}
