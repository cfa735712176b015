package dev.tokenbroker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * How long a broker takes from the start of its process to its first successful {@code
 * ExchangeToken}, and how much memory it has resident then; the median of several starts.
 *
 * <pre>
 * Start BROKER [STARTS] [ARGUMENT...]   BROKER is a jar or an executable; arguments go to it. A build that serves
 *                                       gRPC at the port of HTTP is one-port:BROKER
 * </pre>
 *
 * <p>Two starts are made before, so that this process and the file cache are warm. The caller asks
 * for a connection again each millisecond.
 */
public final class Start {

  private static final int UNCOUNTED = 2;
  private static final Path DIRECTORY = Path.of("target/start");
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Program broker;
  private final List<String> settings;
  private final String credential;
  private final List<Double> millis = new ArrayList<>();
  private final List<Double> resident = new ArrayList<>();

  private Start(Program broker, List<String> settings, String credential) {
    this.broker = broker;
    this.settings = settings;
    this.credential = credential;
  }

  public static void main(String[] args) throws Exception {
    Files.createDirectories(DIRECTORY);
    LoadIssuer issuer = new LoadIssuer();
    Path federation = issuer.writeFederation(DIRECTORY).toAbsolutePath();
    int starts = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    List<String> settings =
        Stream.concat(
                Stream.of(
                    "-Dtoken-broker.federation.path=" + federation,
                    "-Dtoken-broker.token.issuer=https://broker.example",
                    "-Dtoken-broker.shutdown.delay=0s"),
                Stream.of(args).skip(2))
            .toList();
    Start start =
        new Start(Program.parse(args[0]), settings, issuer.sign(LoadIssuer.AUDIENCE, 1)[0]);
    for (int at = -UNCOUNTED; at < starts; at++) {
      start.once(at >= 0);
    }
    System.out.printf(
        Locale.ROOT,
        "exec to first ExchangeToken: %s ms; resident then: %s MiB; %d starts%n",
        spread(start.millis),
        spread(start.resident),
        starts);
  }

  private void once(boolean counts) throws IOException, InterruptedException {
    Program.Ports ports = broker.freePorts();
    ProcessBuilder builder =
        new ProcessBuilder(broker.command(ports, settings))
            .redirectErrorStream(true)
            .redirectOutput(DIRECTORY.resolve("broker.log").toFile());
    long began = System.nanoTime();
    Process process = builder.start();
    try {
      awaitPort(ports.grpc(), process);
      try (GrpcEdge edge = new GrpcEdge(ports.grpc(), Requests.same(credential))) {
        Calls.Result first = Calls.make(edge, 0, 1, 1);
        double took = (System.nanoTime() - began) / 1e6;
        if (first.endings().getOrDefault(Edge.OK, 0L) != 1) {
          throw new IllegalStateException("the first call ended as " + first.endings());
        }
        if (counts) {
          millis.add(took);
          resident.add(ServerProcess.residentMiB(process.pid()));
        }
      }
    } finally {
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private static void awaitPort(int port, Process process) {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (!ServerProcess.listens(port)) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        throw new IllegalStateException("it does not start; see " + DIRECTORY);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private static String spread(List<Double> values) {
    return Spread.of(values.stream().mapToDouble(Double::doubleValue)).text(1);
  }
}
