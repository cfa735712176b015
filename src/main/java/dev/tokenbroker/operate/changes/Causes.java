package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.RefusalReason;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Says which refusals a kind of change can cause. Others that rise at the same time have another
 * cause, so they are not joined.
 */
final class Causes {

  private static final Set<RefusalReason> NOTHING = EnumSet.noneOf(RefusalReason.class);

  private static final Set<RefusalReason> KEYS =
      EnumSet.of(
          RefusalReason.KEY_UNKNOWN,
          RefusalReason.KEY_REFETCH_COOLING_DOWN,
          RefusalReason.SIGNATURE_INVALID);

  private static final Set<RefusalReason> FETCHES =
      EnumSet.of(
          RefusalReason.KEYS_UNREACHABLE,
          RefusalReason.KEYS_INVALID,
          RefusalReason.DISCOVERY_ISSUER_MISMATCH,
          RefusalReason.ISSUER_ADDRESS_REFUSED,
          RefusalReason.ISSUER_ACCESS_REFUSED);

  private static final Set<RefusalReason> TLS =
      EnumSet.of(
          RefusalReason.ISSUER_TLS_UNTRUSTED,
          RefusalReason.ISSUER_CERTIFICATE_INVALID,
          RefusalReason.ISSUER_CLIENT_CERTIFICATE_WANTED,
          RefusalReason.ISSUER_TLS_FAILED,
          RefusalReason.UPSTREAM_TLS_UNTRUSTED,
          RefusalReason.UPSTREAM_CERTIFICATE_INVALID,
          RefusalReason.UPSTREAM_CLIENT_CERTIFICATE_WANTED,
          RefusalReason.UPSTREAM_TLS_FAILED);

  /** A refused certificate also stops the fetches for new keys. */
  private static final Set<RefusalReason> CERTIFICATES =
      both(TLS, EnumSet.of(RefusalReason.KEY_REFETCH_COOLING_DOWN));

  private static final Set<RefusalReason> TIMES =
      EnumSet.of(
          RefusalReason.CREDENTIAL_EXPIRED,
          RefusalReason.CREDENTIAL_NOT_YET_VALID,
          RefusalReason.CREDENTIAL_TOO_OLD);

  private static final Set<RefusalReason> CLAIMS =
      EnumSet.of(
          RefusalReason.CLAIM_MISSING,
          RefusalReason.AUDIENCE_MISMATCH,
          RefusalReason.CLIENT_MISMATCH,
          RefusalReason.NO_RULE_MATCHED,
          RefusalReason.RULE_EVALUATION_FAILED,
          RefusalReason.SCOPE_NOT_GRANTED);

  private static final Set<RefusalReason> DOCUMENT =
      both(
          CLAIMS,
          EnumSet.of(
              RefusalReason.ISSUER_UNKNOWN,
              RefusalReason.ISSUER_NEAR_MISS,
              RefusalReason.ISSUER_DISABLED,
              RefusalReason.ALGORITHM_NOT_ALLOWED,
              RefusalReason.TARGET_UNKNOWN,
              RefusalReason.RULE_DISABLED,
              RefusalReason.CERTIFICATE_REQUIRED,
              RefusalReason.DPOP_PROOF_REQUIRED,
              RefusalReason.UPSTREAM_ASSERTION_REFUSED,
              RefusalReason.ISSUER_AMBIGUOUS));

  /** No open circuit: the refusal of a client is an answer, so it opens none. */
  private static final Set<RefusalReason> SECRETS =
      EnumSet.of(RefusalReason.UPSTREAM_CLIENT_REFUSED, RefusalReason.UPSTREAM_REQUEST_REFUSED);

  private static final Set<RefusalReason> CIRCUIT = EnumSet.of(RefusalReason.UPSTREAM_CIRCUIT_OPEN);

  /** Whatever changes about a client of the broker's own, it is felt as a lack of its token. */
  private static final Set<RefusalReason> OWN_TOKENS =
      EnumSet.of(
          RefusalReason.OWN_TOKEN_REFUSED,
          RefusalReason.OWN_TOKEN_UNREACHABLE,
          RefusalReason.OWN_TOKEN_TIMED_OUT,
          RefusalReason.OWN_TOKEN_MALFORMED);

  /** An upstream that holds an old copy of our key set refuses JWTs of a new key. */
  private static final Set<RefusalReason> SIGNING =
      EnumSet.of(RefusalReason.SIGNING_KEY_UNAVAILABLE, RefusalReason.UPSTREAM_ASSERTION_REFUSED);

  private static final Set<RefusalReason> UPSTREAM =
      EnumSet.copyOf(
          Arrays.stream(RefusalReason.values())
              .filter(reason -> reason.name().startsWith("UPSTREAM_"))
              .toList());

  /** The reasons that the state of a peer decides, whatever the caller sends. */
  private static final Set<RefusalReason> OF_PEERS =
      both(both(FETCHES, TLS), both(OWN_TOKENS, UPSTREAM));

  private static final Set<RefusalReason> STORE = EnumSet.of(RefusalReason.STORE_UNAVAILABLE);

  private Causes() {}

  /**
   * Whether no caller can choose to be refused for that reason, so that each such refusal is
   * evidence. For another reason, only a verified signature makes it evidence.
   */
  static boolean isOfPeer(RefusalReason reason) {
    return OF_PEERS.contains(reason);
  }

  /** The reasons of refusals that the change can cause. */
  static Set<RefusalReason> of(Change change) {
    return switch (change.subjectKind()) {
      case OWN_CLIENT -> OWN_TOKENS;
      // The broker's own certificate is no reason to refuse that of a peer.
      case TLS -> change.kind() == ChangeKind.CA_BUNDLE_RELOADED ? TLS : NOTHING;
      default -> of(change.kind());
    };
  }

  /** The reasons of refusals that a change of that kind can cause, apart from own clients. */
  static Set<RefusalReason> of(ChangeKind kind) {
    return switch (kind) {
      case KEY_REMOVED, KEY_REPLACED -> KEYS;
      case KEY_LOCATION_MOVED, DISCOVERY_CHANGED -> both(KEYS, FETCHES);
      case CERTIFICATE_CHANGED, CERTIFICATE_EXPIRING -> CERTIFICATES;
      case CA_BUNDLE_RELOADED -> TLS;
      case CLAIM_SHAPE_CHANGED -> CLAIMS;
      case CLOCK_STEPPED -> TIMES;
      case FEDERATION_LOADED -> DOCUMENT;
      case SECRET_RELOADED, SECRET_REJECTED -> SECRETS;
      case KEY_FILES_RELOADED, KEY_FILES_REJECTED, SIGNING_KEY_ROTATED -> SIGNING;
      case CIRCUIT_OPENED -> CIRCUIT;
      case ENDPOINT_MOVED -> UPSTREAM;
      case STORE_LOST -> STORE;
      case KEY_ADDED,
          FEDERATION_REJECTED,
          CANDIDATE_LOADED,
          CANDIDATE_REJECTED,
          CERTIFICATE_REJECTED,
          CIRCUIT_CLOSED,
          NEW_ROOT_SEEN,
          STORE_VALUE_FOREIGN,
          BROKER_STARTED,
          BROKER_STOPPING ->
          NOTHING;
    };
  }

  private static Set<RefusalReason> both(Set<RefusalReason> some, Set<RefusalReason> others) {
    Set<RefusalReason> all = EnumSet.copyOf(some);
    all.addAll(others);
    return all;
  }
}
