package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The source of one issuer's verification keys: the network, or the federation document. */
public interface KeySetSource {

  /**
   * The keys that may have signed a credential. May wait for a fetch, at most until the deadline,
   * and never on an event loop.
   *
   * @param kid the key that the credential names, or null where it names none: then all keys are
   *     candidates
   * @return at least one key; or a refusal: {@code KEY_UNKNOWN}, {@code KEY_REFETCH_COOLING_DOWN},
   *     {@code KEYS_UNREACHABLE}, {@code KEYS_INVALID}, {@code ISSUER_TLS_UNTRUSTED}, {@code
   *     ISSUER_TLS_FAILED}, {@code ISSUER_CERTIFICATE_INVALID}, {@code
   *     ISSUER_CLIENT_CERTIFICATE_WANTED}, {@code DISCOVERY_ISSUER_MISMATCH}, {@code
   *     ISSUER_ADDRESS_REFUSED}, {@code ISSUER_ACCESS_REFUSED}, one of {@code OWN_TOKEN_…}, {@code
   *     DEADLINE_EXCEEDED}
   */
  Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline);

  /** Whether one of the keys held now has this name, usable or not. Never fetches: for hints. */
  boolean publishes(String kid);

  /**
   * The names of the keys held now, for operators: at most {@value KeyRing#MAX_LISTED}, each cut
   * off if too long. Never fetches.
   */
  default List<String> kids() {
    return List.of();
  }

  /**
   * The version of the keys served now: a fetch that changes the keys changes it, and it is zero
   * while no keys can be served. A proof under one version must be repeated under another. Never
   * waits, but begins a fetch in the background where one is due.
   */
  default long version() {
    return 1;
  }

  /**
   * Looks again for the keys of a name, since no key of that name verified a signature: the issuer
   * may have published another key under the same name. May fetch and wait as {@link #keys} does,
   * within the same bounds.
   *
   * @param used the keys that did not verify the signature
   */
  default KeyReview review(String kid, List<VerificationKey> used, Deadline deadline) {
    return KeyReview.NOTHING;
  }

  /**
   * The key of that name that a fetch withdrew in the last hour, as evidence about a refused
   * credential. Never fetches.
   */
  default Optional<WitnessKey> withdrawn(String kid) {
    return Optional.empty();
  }

  /** A key of that name held now, as evidence about a refused credential. Never fetches. */
  default Optional<WitnessKey> held(String kid) {
    return Optional.empty();
  }

  /**
   * What tells these keys from others of the same issuer: where they are fetched. Empty if the
   * identifier of the issuer says it, and for keys that are not fetched.
   */
  default String place() {
    return "";
  }

  /** Asks the issuer itself about a credential; by default it cannot be asked. */
  default CredentialReview credentialReview() {
    return CredentialReview.NONE;
  }

  /** The document that is being fetched now, for evidence; empty if none is. */
  default String underWay() {
    return "";
  }

  /**
   * The probe of the issuer, if there was neither a fetch nor a probe for that time; empty
   * otherwise. A probe fetches what callers would, and takes nothing from them. It blocks.
   */
  default Optional<Runnable> dueProbe(Duration every) {
    return Optional.empty();
  }

  /** How many of the fetches were of probes. */
  default long probeFetches() {
    return 0;
  }

  /** How many fetches have failed for that reason. */
  default long failures(RefusalReason reason) {
    return 0;
  }

  /** The reasons that a failed fetch can have. */
  static Set<RefusalReason> failureReasons() {
    return IssuerDocuments.REASONS;
  }

  /** The state of this source, for meters, verdicts and readiness. Never fetches. */
  KeySetStatus status();

  /**
   * What a key source found when it looked again at a name, since a signature failed under it.
   *
   * @param replaced whether the name now has other keys than those used
   * @param hints evidence for operators, most likely first
   */
  record KeyReview(boolean replaced, List<String> hints) {

    /** The review of a source that has nothing else to offer. */
    public static final KeyReview NOTHING = new KeyReview(false, List.of());
  }

  /**
   * The state of a key source at one moment.
   *
   * @param freshness how far the keys held can be relied on
   * @param keyCount how many usable keys are held
   * @param fetchedAt when the keys held were fetched; null if none ever were, or if the source does
   *     not fetch
   * @param fetches fetches begun since the start, key sets and discovery documents together
   * @param failures fetches without a usable result
   * @param clockOffset how far the issuer's clock is ahead of ours; null until measured
   * @param lastFailure why the last fetch failed, in a sentence without bodies; null after a
   *     success
   */
  record KeySetStatus(
      Freshness freshness,
      int keyCount,
      @Nullable Instant fetchedAt,
      long fetches,
      long failures,
      @Nullable ClockOffset clockOffset,
      @Nullable String lastFailure) {

    /** How far keys can be relied on. */
    public enum Freshness {
      /** The keys do not come from the network and do not age. */
      FIXED,
      /** No keys have been fetched yet. */
      ABSENT,
      /** The keys are within their time to live. */
      FRESH,
      /**
       * The keys are past it and still served: no fetch has succeeded since, or none was needed.
       */
      STALE,
      /** The keys are too old to be served: callers wait for a fetch. */
      EXPIRED
    }
  }
}
