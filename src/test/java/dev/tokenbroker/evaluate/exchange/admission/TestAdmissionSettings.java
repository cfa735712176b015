package dev.tokenbroker.evaluate.exchange.admission;

import dev.tokenbroker.process.runtime.DefaultSettings;

/** The default settings; a test changes what it is about. */
public interface TestAdmissionSettings extends AdmissionSettings {

  static TestAdmissionSettings defaults() {
    return DefaultSettings.of(AdmissionSettings.class, TestAdmissionSettings.class);
  }

  TestAdmissionSettings withMaxInFlight(int other);

  TestAdmissionSettings withPerCredentialRate(int other);

  TestAdmissionSettings withPerCredentialBurst(int other);

  TestAdmissionSettings withPerIdentityRate(int other);

  TestAdmissionSettings withPerIssuerRate(int other);

  TestAdmissionSettings withPerIssuerBurst(int other);

  default TestAdmissionSettings withPerCredential(int rate, int burst) {
    return withPerCredentialRate(rate).withPerCredentialBurst(burst);
  }
}
