package dev.tokenbroker.peers.guard;

import dev.tokenbroker.process.runtime.DefaultSettings;
import java.time.Duration;

/** The default settings of a guard; a test changes what it is about. */
public interface GuardValues extends GuardSettings {

  static GuardValues defaults() {
    return DefaultSettings.of(GuardSettings.class, GuardValues.class);
  }

  GuardValues withAttemptTimeout(Duration other);

  GuardValues withMaxAttempts(int other);

  GuardValues withConcurrency(int other);

  GuardValues withMaxWait(Duration other);

  GuardValues withRetryBurst(int other);

  GuardValues withRetryRatio(double other);

  GuardValues withCoolDown(Duration other);

  GuardValues withCircuitFailures(int other);

  GuardValues withProbeInterval(Duration other);

  GuardValues withBackOffBase(Duration other);

  default GuardValues withBudget(int burst, double ratio) {
    return withRetryBurst(burst).withRetryRatio(ratio);
  }

  default GuardValues withAttempts(int most, Duration timeout) {
    return withMaxAttempts(most).withAttemptTimeout(timeout);
  }

  default GuardValues withPlaces(int places, Duration wait) {
    return withConcurrency(places).withMaxWait(wait);
  }

  default GuardValues withCircuit(int failures, Duration interval) {
    return withCircuitFailures(failures).withProbeInterval(interval);
  }
}
