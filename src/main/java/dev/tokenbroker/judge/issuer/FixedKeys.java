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

/** Keys that stand in the federation document itself. Immutable. */
public final class FixedKeys implements KeySetSource {

  private final KeyRing keys;

  private FixedKeys(KeyRing keys) {
    this.keys = keys;
  }

  /** Makes a source of at least one key. */
  public static FixedKeys of(KeySetDocument keys) {
    return new FixedKeys(new KeyRing(keys));
  }

  @Override
  public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
    List<VerificationKey> candidates = keys.candidates(kid);
    return candidates.isEmpty()
        ? Outcome.refused(
            Refusal.of(RefusalReason.KEY_UNKNOWN)
                .expected("one of the keys in the federation document: " + keys.names())
                .seen(keys.missing(kid)))
        : Outcome.accepted(candidates);
  }

  @Override
  public boolean publishes(String kid) {
    return keys.publishes(kid);
  }

  @Override
  public List<String> kids() {
    return keys.kids();
  }

  @Override
  public KeySetStatus status() {
    return new KeySetStatus(Freshness.FIXED, keys.all().size(), null, 0, 0, null, null);
  }
}
