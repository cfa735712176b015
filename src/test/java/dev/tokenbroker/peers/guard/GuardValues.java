package dev.tokenbroker.peers.guard;

import java.time.Duration;

/** The settings of a guard as values. */
public record GuardValues(
    Duration attemptTimeout,
    int maxAttempts,
    int concurrency,
    Duration maxWait,
    int retryBurst,
    double retryRatio,
    Duration coolDown,
    int circuitFailures,
    Duration probeInterval,
    Duration backOffBase,
    Duration backOffCap)
    implements GuardSettings {

  /** Those that the broker has where nothing is set. */
  public static GuardValues defaults() {
    return new GuardValues(
        Duration.ofSeconds(5),
        3,
        32,
        Duration.ofSeconds(1),
        5,
        0.1,
        Duration.ofSeconds(5),
        5,
        Duration.ofSeconds(2),
        Duration.ofMillis(100),
        Duration.ofSeconds(2));
  }

  public GuardValues withBudget(int burst, double ratio) {
    return new GuardValues(
        attemptTimeout,
        maxAttempts,
        concurrency,
        maxWait,
        burst,
        ratio,
        coolDown,
        circuitFailures,
        probeInterval,
        backOffBase,
        backOffCap);
  }

  public GuardValues withAttempts(int most, Duration timeout) {
    return new GuardValues(
        timeout,
        most,
        concurrency,
        maxWait,
        retryBurst,
        retryRatio,
        coolDown,
        circuitFailures,
        probeInterval,
        backOffBase,
        backOffCap);
  }

  public GuardValues withPlaces(int places, Duration wait) {
    return new GuardValues(
        attemptTimeout,
        maxAttempts,
        places,
        wait,
        retryBurst,
        retryRatio,
        coolDown,
        circuitFailures,
        probeInterval,
        backOffBase,
        backOffCap);
  }

  public GuardValues withCircuit(int failures, Duration interval) {
    return new GuardValues(
        attemptTimeout,
        maxAttempts,
        concurrency,
        maxWait,
        retryBurst,
        retryRatio,
        coolDown,
        failures,
        interval,
        backOffBase,
        backOffCap);
  }

  public GuardValues withCoolDown(Duration time) {
    return new GuardValues(
        attemptTimeout,
        maxAttempts,
        concurrency,
        maxWait,
        retryBurst,
        retryRatio,
        time,
        circuitFailures,
        probeInterval,
        backOffBase,
        backOffCap);
  }
}
