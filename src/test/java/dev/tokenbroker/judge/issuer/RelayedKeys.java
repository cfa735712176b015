package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key source that does what another one does, unless a test overrides it. */
public interface RelayedKeys extends KeySetSource {

  /** The other key source. */
  KeySetSource source();

  @Override
  default Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
    return source().keys(kid, deadline);
  }

  @Override
  default boolean publishes(String kid) {
    return source().publishes(kid);
  }

  @Override
  default KeySetStatus status() {
    return source().status();
  }
}
