package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.token.CredentialDigest;
import jakarta.inject.Singleton;

/** STUB. */
@Singleton
final class Admission {

  sealed interface Admitted {
    record Refused(Refusal refusal) implements Admitted {}

    record Permit() implements Admitted {
      void begin() {}

      void close() {}

      void unused() {}
    }
  }

  Admitted admit(CredentialDigest credential) {
    return CredentialDigest.NONE.equals(credential)
        ? new Admitted.Refused(Refusal.of(dev.tokenbroker.outcome.RefusalReason.BROKER_OVERLOADED))
        : new Admitted.Permit();
  }
}
