package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.issue.sts.Actor;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a change explains a refusal: its kind can cause the reason, it is of a thing that
 * the refused exchange has to do with, and its {@link Clue} fits that of the refusal. Others that
 * rise at the same time have another cause, so they are not joined.
 */
@Singleton
final class Causes {

  private static final String CLUSTER = "kubernetes";

  /** The name that Quarkus gives to the default configuration. */
  private static final String DEFAULT_TLS = "<default>";

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

  /** What fewer authorities refuse. */
  private static final Set<RefusalReason> UNTRUSTED =
      EnumSet.of(
          RefusalReason.ISSUER_TLS_UNTRUSTED,
          RefusalReason.ISSUER_TLS_FAILED,
          RefusalReason.UPSTREAM_TLS_UNTRUSTED,
          RefusalReason.UPSTREAM_TLS_FAILED);

  /** The failures after which keys are not fetched for a while. */
  private static final Set<RefusalReason> FAILED_FETCHES = both(FETCHES, TLS);

  private static final Set<RefusalReason> TIMES =
      EnumSet.of(
          RefusalReason.CREDENTIAL_EXPIRED,
          RefusalReason.CREDENTIAL_NOT_YET_VALID,
          RefusalReason.CREDENTIAL_TOO_OLD);

  private static final Set<RefusalReason> POLICY =
      EnumSet.of(
          RefusalReason.NO_RULE_MATCHED,
          RefusalReason.RULE_DISABLED,
          RefusalReason.RULE_EVALUATION_FAILED,
          RefusalReason.SCOPE_NOT_GRANTED,
          RefusalReason.TARGET_UNKNOWN,
          RefusalReason.CLIENT_DISABLED,
          RefusalReason.CLIENT_NOT_PERMITTED,
          RefusalReason.CLIENT_NOT_ADMITTED,
          RefusalReason.CERTIFICATE_REQUIRED,
          RefusalReason.DPOP_PROOF_REQUIRED);

  private static final Set<RefusalReason> CLAIMS =
      both(POLICY, EnumSet.of(RefusalReason.AUDIENCE_MISMATCH));

  private static final Set<RefusalReason> PERMISSIONS =
      EnumSet.of(
          RefusalReason.UPSTREAM_NOT_PERMITTED,
          RefusalReason.UPSTREAM_REQUEST_REFUSED,
          RefusalReason.UPSTREAM_SCOPE_TOO_WIDE);

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
      both(FAILED_FETCHES, both(OWN_TOKENS, UPSTREAM));

  private static final Set<RefusalReason> DOCUMENT =
      both(
          both(both(CLAIMS, TIMES), both(KEYS, OF_PEERS)),
          EnumSet.of(
              RefusalReason.CLAIM_MISSING,
              RefusalReason.ISSUER_UNKNOWN,
              RefusalReason.ISSUER_NEAR_MISS,
              RefusalReason.ISSUER_DISABLED,
              RefusalReason.ALGORITHM_NOT_ALLOWED));

  private static final Set<RefusalReason> TRUST =
      EnumSet.of(RefusalReason.UPSTREAM_NOT_PERMITTED, RefusalReason.UPSTREAM_ASSERTION_REFUSED);

  private static final Set<RefusalReason> STORE = EnumSet.of(RefusalReason.STORE_UNAVAILABLE);

  private final Function<RefusedPeer, Set<String>> uses;

  @Inject
  Causes(Federations federations) {
    this(
        peer ->
            (peer.kind() == SubjectKind.UPSTREAM
                    ? federations.current().map(current -> ofUpstream(current, peer.name()))
                    : federations.outline().map(outline -> ofIssuer(outline, peer.name())))
                .orElse(Set.of()));
  }

  /**
   * @param uses names what the calls of a peer use: TLS configurations and own clients, by the
   *     label of their kind and their name
   */
  Causes(Function<RefusedPeer, Set<String>> uses) {
    this.uses = uses;
  }

  private static Set<String> ofUpstream(Federation federation, String name) {
    Upstream upstream = federation.upstreams().get(name);
    if (upstream == null) {
      return Set.of();
    }
    Actor actor = upstream.definition().kind().actor();
    return uses(upstream.definition().tls(), actor == null ? "" : actor.client());
  }

  private static Set<String> ofIssuer(Outline outline, String name) {
    String tls = outline.text(DocumentSection.ISSUERS, name, "tls");
    Mapping entry = outline.entries(DocumentSection.ISSUERS).get(name);
    // A cluster without the key has the authorities of a file.
    boolean byDefault = tls.isEmpty() && entry != null && !entry.entries().containsKey(CLUSTER);
    return uses(
        byDefault ? null : tls,
        outline.text(DocumentSection.ISSUERS, name, "authorization", "client"));
  }

  private static Set<String> uses(@Nullable String tls, String client) {
    return Set.of(
        SubjectKind.TLS.label() + ' ' + (tls == null ? DEFAULT_TLS : tls),
        SubjectKind.OWN_CLIENT.label() + ' ' + client);
  }

  /**
   * Whether no caller can choose to be refused for that reason, so that each such refusal is
   * evidence. For another reason, only a verified signature makes it evidence.
   */
  static boolean isOfPeer(RefusalReason reason) {
    return OF_PEERS.contains(reason);
  }

  /** Whether rules and targets decide about the reason. */
  static boolean isOfPolicy(RefusalReason reason) {
    return POLICY.contains(reason) || UPSTREAM.contains(reason);
  }

  /** Whether it is only felt after another change, which is the cause where it is known. */
  static boolean isEffect(ChangeEvent event) {
    return event.change().kind() == ChangeKind.CIRCUIT_OPENED;
  }

  /** Whether the change explains the refusal. */
  boolean explains(ChangeEvent event, RefusalEvidence refused) {
    Change change = event.change();
    Set<RefusalReason> reasons = of(change);
    return concerns(event, refused.peer())
        && (reasons.contains(refused.reason()) || isBehind(reasons, refused.clue()))
        && fits(change, refused);
  }

  /** Whether it is a change of the peer, of something that the peer uses, or of the broker. */
  private boolean concerns(ChangeEvent event, RefusedPeer peer) {
    Change change = event.change();
    return switch (change.subjectKind()) {
      case ISSUER, UPSTREAM -> peer.equals(new RefusedPeer(change.subjectKind(), event.subject()));
      case TLS, OWN_CLIENT ->
          uses.apply(peer).contains(change.subjectKind().label() + ' ' + change.subject());
      case FEDERATION, CANDIDATE, SIGNING_KEYS, STORE, BROKER -> true;
    };
  }

  /** Whether a failure of that reason is the one from which a refusal follows. */
  static boolean isBehind(RefusalReason failure, RefusalEvidence refused) {
    return isBehind(EnumSet.of(failure), refused.clue());
  }

  /** Whether the refusal names the failure before it, and that is one of these. */
  private static boolean isBehind(Set<RefusalReason> reasons, Clue clue) {
    return clue instanceof Clue.Names(Set<String> names, boolean _)
        && reasons.stream().anyMatch(reason -> names.contains(reason.name()));
  }

  private static boolean fits(Change change, RefusalEvidence refused) {
    Clue clue = change.clue();
    return switch (change.kind()) {
      case KEY_REMOVED,
          KEY_REPLACED,
          CLOCK_STEPPED,
          CLAIM_SHAPE_CHANGED,
          DISCOVERY_CHANGED,
          CERTIFICATE_EXPIRING,
          FEDERATION_LOADED ->
          clue.explains(refused.clue())
              || clue.explains(refused.decided())
              // It has no clue, and is only shown beside the joins.
              || (change.subjectKind() == SubjectKind.ISSUER
                  && !refused.proved()
                  && KEYS.contains(refused.reason()));
      case CA_BUNDLE_RELOADED -> !clue.equals(Clue.none());
      // The key that signed the credential is gone, whatever else has changed.
      default -> !refused.clue().signed();
    };
  }

  private static Set<RefusalReason> of(Change change) {
    return switch (change.subjectKind()) {
      case OWN_CLIENT -> OWN_TOKENS;
      // The broker's own certificate is no reason to refuse that of a peer.
      case TLS -> change.kind() == ChangeKind.CA_BUNDLE_RELOADED ? UNTRUSTED : NOTHING;
      default -> of(change.kind());
    };
  }

  /** The reasons of refusals that a change of that kind can cause, apart from own clients. */
  static Set<RefusalReason> of(ChangeKind kind) {
    return switch (kind) {
      case KEY_REMOVED, KEY_REPLACED -> KEYS;
      case KEY_LOCATION_MOVED -> both(KEYS, FAILED_FETCHES);
      case DISCOVERY_CHANGED ->
          both(both(KEYS, FETCHES), EnumSet.of(RefusalReason.ISSUER_NEAR_MISS));
      case CERTIFICATE_CHANGED, CERTIFICATE_EXPIRING -> TLS;
      case CA_BUNDLE_RELOADED -> UNTRUSTED;
      case CLAIM_SHAPE_CHANGED -> CLAIMS;
      case CLOCK_STEPPED -> TIMES;
      case FEDERATION_LOADED -> DOCUMENT;
      case PERMISSIONS_CHANGED -> PERMISSIONS;
      case SECRET_RELOADED, SECRET_REJECTED -> SECRETS;
      case KEY_FILES_RELOADED, KEY_FILES_REJECTED, SIGNING_KEY_ROTATED -> SIGNING;
      case CIRCUIT_OPENED -> CIRCUIT;
      case ENDPOINT_MOVED -> UPSTREAM;
      case ROLE_TRUST_CHANGED -> TRUST;
      case STORE_LOST -> STORE;
      case KEY_ADDED,
          FEDERATION_REJECTED,
          CANDIDATE_LOADED,
          CANDIDATE_REJECTED,
          CERTIFICATE_REJECTED,
          CIRCUIT_CLOSED,
          NEW_ROOT_SEEN,
          STORE_VALUE_FOREIGN,
          REPLICA_GONE,
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
