package dev.tokenbroker.devissuer;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The faults of the issuer {@code ci} and the upstream {@code corp-sso}; one at a time. */
enum Fault {
  ROTATE_KEYS(
      FaultGroup.KEYS,
      "The issuer publishes a new key, signs with it once the broker has fetched it, and goes on"
          + " publishing the former one.",
      "Every caller gets its token.",
      ChangeKind.KEY_ADDED,
      null),
  DROP_KEYS(
      FaultGroup.KEYS,
      "The issuer publishes a new key only, and goes on signing with the one that it has"
          + " withdrawn.",
      "KEY_UNKNOWN, and KEY_REFETCH_COOLING_DOWN until the broker may fetch the keys again.",
      ChangeKind.KEY_REMOVED,
      RefusalReason.KEY_UNKNOWN),
  SWAP_KEYS(
      FaultGroup.KEYS,
      "The issuer publishes another key under the same kid, and goes on signing with the former"
          + " one.",
      "SIGNATURE_INVALID, since the published key verifies no credential.",
      ChangeKind.KEY_REPLACED,
      RefusalReason.SIGNATURE_INVALID),
  EXPIRE_CERTIFICATE(
      FaultGroup.TRANSPORT,
      "The server of issuer and upstream presents a certificate that expired a day ago, on new"
          + " connections without resumption.",
      "UPSTREAM_CERTIFICATE_INVALID at orders-api, then UPSTREAM_CIRCUIT_OPEN; payments-api"
          + " works, since the keys held stay good.",
      ChangeKind.CERTIFICATE_EXPIRING,
      RefusalReason.UPSTREAM_CERTIFICATE_INVALID),
  ISSUER_SLASH(
      FaultGroup.CREDENTIAL,
      "The issuer calls itself by its name with a slash at the end, in credentials and in its"
          + " discovery document.",
      "ISSUER_NEAR_MISS, with the name that the federation has.",
      ChangeKind.DISCOVERY_CHANGED,
      RefusalReason.ISSUER_NEAR_MISS),
  CLOCK_AHEAD(
      FaultGroup.CREDENTIAL,
      "The clock of the issuer is five minutes ahead, in its credentials and its Date header.",
      "CREDENTIAL_NOT_YET_VALID, with the measured offset.",
      ChangeKind.CLOCK_STEPPED,
      RefusalReason.CREDENTIAL_NOT_YET_VALID),
  CLOCK_BEHIND(
      FaultGroup.CREDENTIAL,
      "The clock of the issuer is five minutes behind, in its credentials and its Date header.",
      "CREDENTIAL_EXPIRED, with the measured offset.",
      ChangeKind.CLOCK_STEPPED,
      RefusalReason.CREDENTIAL_EXPIRED),
  UNAVAILABLE(
      FaultGroup.TRANSPORT,
      "Issuer and upstream answer 503 to every request.",
      "UPSTREAM_UNAVAILABLE at orders-api, then UPSTREAM_CIRCUIT_OPEN; payments-api works, since"
          + " the keys held stay good.",
      ChangeKind.CIRCUIT_OPENED,
      RefusalReason.UPSTREAM_UNAVAILABLE),
  HANG(
      FaultGroup.TRANSPORT,
      "Issuer and upstream accept every request and never answer.",
      "UPSTREAM_TIMED_OUT at orders-api, then UPSTREAM_CIRCUIT_OPEN; payments-api works, since"
          + " no caller waits for keys that are held.",
      ChangeKind.CIRCUIT_OPENED,
      RefusalReason.UPSTREAM_TIMED_OUT),
  SLOW(
      FaultGroup.TRANSPORT,
      "Issuer and upstream answer each request after a second.",
      "Every caller gets its token; an exchange at the upstream takes a second, and a held token"
          + " no time.",
      null,
      null),
  HTML(
      FaultGroup.TRANSPORT,
      "Issuer and upstream answer every request with 200 and a page to log in.",
      "UPSTREAM_ANSWER_MALFORMED at orders-api, then UPSTREAM_CIRCUIT_OPEN; payments-api works,"
          + " since a page never replaces good keys.",
      ChangeKind.CIRCUIT_OPENED,
      RefusalReason.UPSTREAM_ANSWER_MALFORMED),
  NEW_SUBJECT(
      FaultGroup.CREDENTIAL,
      "The issuer adds ids to the names in sub: repo:acme@1234/shop@5678:ref:refs/heads/main.",
      "NO_RULE_MATCHED, with the comparison that fails.",
      ChangeKind.CLAIM_SHAPE_CHANGED,
      RefusalReason.NO_RULE_MATCHED),
  WRONG_AUDIENCE(
      FaultGroup.CREDENTIAL,
      "The issuer writes its default audience into credentials, the address of the repository's"
          + " owner.",
      "AUDIENCE_MISMATCH, with the audiences that the federation has.",
      ChangeKind.CLAIM_SHAPE_CHANGED,
      RefusalReason.AUDIENCE_MISMATCH),
  STORM(
      FaultGroup.LOAD,
      "The upstream answers 503, and 500 clients call for orders-api for ten seconds, each with"
          + " a credential of its own, without a pause between retries.",
      "UPSTREAM_CIRCUIT_OPEN at orders-api, while the upstream gets a probe every two seconds.",
      ChangeKind.CIRCUIT_OPENED,
      RefusalReason.UPSTREAM_CIRCUIT_OPEN);

  /** What a fault is about. */
  enum FaultGroup {
    KEYS,
    TRANSPORT,
    CREDENTIAL,
    LOAD;

    /** The name in JSON. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final FaultGroup group;
  private final String meaning;
  private final String callers;
  private final @Nullable ChangeKind change;
  private final @Nullable RefusalReason reason;

  Fault(
      FaultGroup group,
      String meaning,
      String callers,
      @Nullable ChangeKind change,
      @Nullable RefusalReason reason) {
    this.group = group;
    this.meaning = meaning;
    this.callers = callers;
    this.change = change;
    this.reason = reason;
  }

  /** The fault of exactly that label. */
  static Optional<Fault> named(String label) {
    return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
  }

  /** The name in addresses, in lower-kebab. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  FaultGroup group() {
    return group;
  }

  /** The text of its button. */
  String button() {
    String words = label().replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  /** What the issuer or the upstream does, in one sentence. */
  String meaning() {
    return meaning;
  }

  /** What callers get, in one sentence. */
  String callers() {
    return callers;
  }

  /** The kind of event that the timeline shows; null for none. */
  @Nullable ChangeKind change() {
    return change;
  }

  /** The reason that callers get; null where all get their tokens. */
  @Nullable RefusalReason reason() {
    return reason;
  }
}
