package dev.tokenbroker.devissuer;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A workload that calls for one target, as a good client does. Its jobs make a few calls with the
 * same credential; each job has a new one. It comes back when the broker says so, and drops a
 * credential that the broker refuses for good. For one thread at a time.
 */
final class TrafficCaller {

  /** The first call of a job is a miss, the others are hits. */
  static final int CALLS_OF_A_JOB = 5;

  private static final Duration MOST_PATIENCE = Duration.ofSeconds(10);

  private final OwnBroker broker;
  private final String audience;
  private final Supplier<String> credentials;
  private @Nullable String credential;
  private int calls;
  private long pauseBegan;
  private Duration pause = Duration.ZERO;

  /**
   * @param credentials a new credential each time
   */
  TrafficCaller(OwnBroker broker, String audience, Supplier<String> credentials) {
    this.broker = broker;
    this.audience = audience;
    this.credentials = credentials;
  }

  /** Calls, unless the broker has asked for a pause that is not over. */
  void call() {
    if (System.nanoTime() - pauseBegan < pause.toNanos()) {
      return;
    }
    pause = Duration.ZERO;
    String current = credential;
    if (current == null) {
      current = credentials.get();
      credential = current;
      calls = 0;
    }
    switch (broker.exchange(request(current))) {
      case DemoCall.Issued _ -> issued();
      case DemoCall.DemoRefused refused -> refused(refused.pushback());
    }
  }

  private ExchangeTokenRequest request(String current) {
    return ExchangeTokenRequest.newBuilder().setAudience(audience).setSubjectToken(current).build();
  }

  private void issued() {
    calls++;
    if (calls == CALLS_OF_A_JOB) {
      credential = null;
    }
  }

  private void refused(OptionalLong pushback) {
    if (pushback.isEmpty() || pushback.getAsLong() < 0) {
      credential = null;
      return;
    }
    Duration asked = Duration.ofMillis(pushback.getAsLong());
    pause = asked.compareTo(MOST_PATIENCE) < 0 ? asked : MOST_PATIENCE;
    pauseBegan = System.nanoTime();
  }
}
