package dev.tokenbroker.operate.changes;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The calls of workloads, each at a steady rate whatever comes back, from now until it is closed.
 * Safe for use by several threads.
 */
public final class SteadyCalls implements AutoCloseable {

  /** The time from one call of a workload to its next. */
  public static final Duration PERIOD = Duration.ofMillis(500);

  private final BrokerClient broker;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("steady-calls").factory());
  private final List<EndedCall> ended = new ArrayList<>(); // guarded by this
  private long rounds; // guarded by this

  /**
   * A call that has ended.
   *
   * @param reason of the refusal; empty for a token
   */
  public record EndedCall(Instant sent, Instant answered, String reason) {

    public boolean isRefused() {
      return !reason.isEmpty();
    }
  }

  /** Begins to call. */
  public SteadyCalls(BrokerClient broker, List<Supplier<ExchangeTokenRequest>> workloads) {
    this.broker = broker;
    var _ =
        timer.scheduleAtFixedRate(
            () -> round(workloads), 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round(List<Supplier<ExchangeTokenRequest>> workloads) {
    workloads.forEach(next -> Thread.ofVirtual().start(() -> call(next)));
    synchronized (this) {
      rounds++;
      notifyAll();
    }
  }

  private void call(Supplier<ExchangeTokenRequest> next) {
    Instant sent = Instant.now();
    BrokerClient.Answer answer = broker.exchange(next.get());
    String reason =
        answer.token() != null
            ? ""
            : answer.reason().isEmpty() ? answer.code().name() : answer.reason();
    synchronized (this) {
      ended.add(new EndedCall(sent, Instant.now(), reason));
    }
  }

  /** Waits until each workload has called for that time. */
  public synchronized void awaitTime(Duration time) throws InterruptedException {
    while (rounds < time.dividedBy(PERIOD)) {
      wait();
    }
  }

  public synchronized List<EndedCall> ended() {
    return List.copyOf(ended);
  }

  /** The first answer like that to a call that was sent after that time. */
  public Optional<EndedCall> first(Instant after, Predicate<EndedCall> wanted) {
    return ended().stream()
        .filter(call -> call.sent().isAfter(after) && wanted.test(call))
        .min((one, other) -> one.answered().compareTo(other.answered()));
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
