package dev.tokenbroker.edges.grpc;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** What is logged as a failure of the server below while it is open. */
public final class FailureLog extends Handler implements AutoCloseable {

  private final List<Logger> servers =
      Stream.of("io.quarkus", "io.vertx.ext.web", "io.grpc", "io.netty")
          .map(Logger::getLogger)
          .toList();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  public FailureLog() {
    setLevel(Level.WARNING);
    servers.forEach(server -> server.addHandler(this));
  }

  public List<String> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      failures.add(record.getLoggerName() + " " + record.getMessage() + " " + record.getThrown());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    servers.forEach(server -> server.removeHandler(this));
  }
}
