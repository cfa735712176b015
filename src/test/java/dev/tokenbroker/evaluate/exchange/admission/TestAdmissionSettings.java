package dev.tokenbroker.evaluate.exchange.admission;

import java.time.Duration;

/** The default settings; a test changes what it is about. */
public record TestAdmissionSettings(
    int maxInFlight,
    Duration targetDelay,
    int perCredentialRate,
    int perCredentialBurst,
    Duration maxPushback)
    implements AdmissionSettings {

  public static TestAdmissionSettings defaults() {
    return new TestAdmissionSettings(4096, Duration.ofMillis(250), 200, 400, Duration.ofSeconds(2));
  }

  public TestAdmissionSettings withMaxInFlight(int other) {
    return new TestAdmissionSettings(
        other, targetDelay, perCredentialRate, perCredentialBurst, maxPushback);
  }

  public TestAdmissionSettings withPerCredential(int rate, int burst) {
    return new TestAdmissionSettings(maxInFlight, targetDelay, rate, burst, maxPushback);
  }

  @Override
  public int maxExplanations() {
    return 128;
  }

  @Override
  public int maxIntrospections() {
    return 128;
  }

  @Override
  public int maxRevocations() {
    return 128;
  }

  @Override
  public int maxVerdictReads() {
    return 16;
  }
}
