package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of an issuer that is never asked for them, so that it can vouch for nobody. */
public enum NoKeys implements KeySetSource {
  NONE;

  @Override
  public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
    return Outcome.refused(Refusal.of(RefusalReason.KEYS_UNREACHABLE));
  }

  @Override
  public boolean publishes(String kid) {
    return false;
  }

  @Override
  public long version() {
    return 0;
  }

  @Override
  public KeySetStatus status() {
    return new KeySetStatus(Freshness.ABSENT, 0, null, 0, 0, null, null);
  }
}
