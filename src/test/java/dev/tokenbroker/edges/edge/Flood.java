package dev.tokenbroker.edges.edge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
final class Flood implements AutoCloseable {

  private static final int CONNECTIONS = 400;
  private static final int TICKS_A_SECOND = 100;

  private final FloodRequests requests;
  private final int perSecond;
  private final ExecutorService strangers = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Semaphore due = new Semaphore(0);
  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder granted = new LongAdder();
  private volatile boolean going = true;

  /** What came of it: requests that were sent, answered in whole, and answered with a token. */
  record Sent(long requests, long answered, long granted) {}

  private Flood(FloodRequests requests, int perSecond) {
    this.requests = requests;
    this.perSecond = perSecond;
  }

  /** Begins to send to these ports of loopback. */
  static Flood start(FloodRequests requests, int perSecond, int httpPort, int grpcPort) {
    Flood flood = new Flood(requests, perSecond);
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
    var _ = closed(connection);
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

  Sent sent() {
    return new Sent(sent.sum(), answered.sum(), granted.sum());
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
