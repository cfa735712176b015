package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.TestIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Trusted issuers whose keys stand as a test says. */
final class Issuers {

  private Issuers() {}

  static TrustedIssuer named(String name, Keys keys) {
    return TestIssuers.named(name, keys);
  }

  /** A key source that is nothing but its status. */
  static final class Keys implements KeySetSource {

    volatile long probeFetches;
    volatile KeySetStatus status = new KeySetStatus(Freshness.ABSENT, 0, null, 0, 0, null, null);

    @Override
    public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
      return Outcome.refused(Refusal.of(RefusalReason.KEYS_UNREACHABLE));
    }

    @Override
    public boolean publishes(String kid) {
      return false;
    }

    @Override
    public long probeFetches() {
      return probeFetches;
    }

    @Override
    public long failures(RefusalReason reason) {
      return reason == RefusalReason.KEYS_UNREACHABLE ? status.failures() : 0;
    }

    @Override
    public KeySetStatus status() {
      return status;
    }
  }
}
