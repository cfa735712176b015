package dev.tokenbroker.edges.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tokenbroker.peers.http.FakeServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Strangers on many connections, half of them over HTTP and half over gRPC, at a steady rate from
 * now until it is closed. Half of the connections are kept as long as the server keeps them, the
 * others are for one request.
 */
final class FloodSender implements AutoCloseable {

  private static final int CONNECTIONS = 400;
  private static final int TICKS_A_SECOND = 100;

  /** Printed once it sends; then, at the end, how many were sent, answered and given a token. */
  static final String STARTED = "started";

  private final FloodRequests requests;
  private final int perSecond;
  private final ExecutorService strangers = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Semaphore due = new Semaphore(0);
  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder granted = new LongAdder();
  private volatile boolean going = true;

  private FloodSender(FloodRequests requests, int perSecond) {
    this.requests = requests;
    this.perSecond = perSecond;
  }

  /**
   * Floods until its input ends.
   *
   * @param arguments the rate, and the HTTP port and the gRPC port of loopback, or no port for a
   *     server that reads and closes
   */
  public static void main(String... arguments) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
    List<String> known = new ArrayList<>();
    for (int line = 0; line < FloodRequests.KNOWN_LINES; line++) {
      known.add(in.readLine());
    }
    int rate = Integer.parseInt(arguments[0]);
    // What a flood costs its sender alone.
    try (FakeServer closing = FakeServer.startRaw(FloodSender::readOnce)) {
      int http = arguments.length > 1 ? Integer.parseInt(arguments[1]) : closing.port();
      int grpc = arguments.length > 1 ? Integer.parseInt(arguments[2]) : closing.port();
      try (FloodSender flood = start(FloodRequests.of(known), rate, http, grpc)) {
        System.out.println(STARTED);
        in.read();
        System.out.println(flood.sent + " " + flood.answered + " " + flood.granted);
      }
    }
  }

  private static void readOnce(Socket connection) throws IOException {
    connection.getInputStream().read(new byte[1 << 14]);
  }

  /** Begins to send to these ports of loopback. */
  private static FloodSender start(
      FloodRequests requests, int perSecond, int httpPort, int grpcPort) {
    FloodSender flood = new FloodSender(requests, perSecond);
    for (int at = 0; at < CONNECTIONS; at++) {
      boolean grpc = at % 2 == 0;
      boolean kept = at % 4 < 2;
      InetSocketAddress server =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), grpc ? grpcPort : httpPort);
      var _ = flood.strangers.submit(() -> flood.send(server, grpc, kept));
    }
    var _ =
        flood.timer.scheduleAtFixedRate(
            flood::tick, 0, 1_000 / TICKS_A_SECOND, TimeUnit.MILLISECONDS);
    return flood;
  }

  private void tick() {
    // What a slow server leaves undone is not caught up with.
    if (due.availablePermits() < perSecond) {
      due.release(Math.max(1, perSecond / TICKS_A_SECOND));
    }
  }

  private void send(InetSocketAddress server, boolean grpc, boolean kept) {
    FloodConnection connection = null;
    while (going) {
      due.acquireUninterruptibly();
      try {
        if (connection == null) {
          connection = new FloodConnection(server, requests, grpc);
        }
        sent.increment();
        if (connection.exchange()) {
          granted.increment();
        }
        answered.increment();
        if (!kept) {
          connection = closed(connection);
        }
      } catch (IOException closedByServer) {
        connection = closed(connection);
      }
    }
    closed(connection);
  }

  private static @Nullable FloodConnection closed(@Nullable FloodConnection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (IOException broken) {
        // It is not used any more.
      }
    }
    return null;
  }

  /** Ends all connections once their last answers are read. */
  @Override
  public void close() {
    timer.shutdownNow();
    going = false;
    due.release(CONNECTIONS);
    strangers.close();
  }
}
