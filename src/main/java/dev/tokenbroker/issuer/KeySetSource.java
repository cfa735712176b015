package dev.tokenbroker.issuer;

import dev.tokenbroker.jose.VerificationKey;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the verification keys of one issuer come from: the network, or what the federation document
 * holds.
 */
public interface KeySetSource {

  /**
   * The keys that may have signed a credential. May wait for a fetch, until the deadline at most,
   * and never on an event loop.
   *
   * @param kid the key that the credential names, or null where it names none: then all keys are
   *     candidates
   * @return at least one key; or a refusal: {@code KEY_UNKNOWN}, {@code KEY_REFETCH_COOLING_DOWN},
   *     {@code KEYS_UNREACHABLE}, {@code KEYS_INVALID}, {@code ISSUER_TLS_UNTRUSTED}, {@code
   *     DISCOVERY_ISSUER_MISMATCH}, {@code ISSUER_ADDRESS_REFUSED}, {@code DEADLINE_EXCEEDED}
   */
  Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline);

  /**
   * Whether the keys held now have one of this name among them, be it one that can be used or not.
   * Never fetches: for hints.
   */
  boolean publishes(String kid);

  /**
   * Which keys are served now: another number as soon as a fetch has changed them, and zero while
   * none can be served. What was proved under one number must be proved again under another. Never
   * waits, but begins to fetch in the background where the keys are due for it.
   */
  default long version() {
    return 1;
  }

  /** What is known about this source, for meters, verdicts and readiness. Never fetches. */
  KeySetStatus status();
}
