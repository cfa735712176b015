package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Our own published keys, for verifying tokens that this broker minted. Never waits. */
@Singleton
public final class OwnKeys implements KeySetSource {

  private final SigningKeys signingKeys;
  private volatile Usable usable = new Usable(null, List.of());

  public OwnKeys(SigningKeys signingKeys) {
    this.signingKeys = signingKeys;
  }

  /** The published keys and their verification keys: made once for each set of keys. */
  private record Usable(@Nullable PublishedKeys published, List<VerificationKey> keys) {}

  @Override
  public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
    List<VerificationKey> candidates =
        current().stream().filter(key -> kid == null || kid.equals(key.kid())).toList();
    return candidates.isEmpty()
        ? Outcome.refused(
            Refusal.of(RefusalReason.KEY_UNKNOWN).expected("a key that this broker publishes"))
        : Outcome.accepted(candidates);
  }

  @Override
  public boolean publishes(String kid) {
    return signingKeys.published().has(kid);
  }

  @Override
  public KeySetStatus status() {
    return new KeySetStatus(KeySetStatus.Freshness.FIXED, current().size(), null, 0, 0, null, null);
  }

  private List<VerificationKey> current() {
    PublishedKeys published = signingKeys.published();
    Usable last = usable;
    if (last.published() == published) {
      return last.keys();
    }
    List<VerificationKey> keys =
        published.jwkList().stream().map(VerificationKey::of).flatMap(Optional::stream).toList();
    usable = new Usable(published, keys);
    return keys;
  }
}
