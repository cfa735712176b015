package dev.tokenbroker.base.refusal;

import dev.tokenbroker.base.refusal.RefusalReason.Fault;
import dev.tokenbroker.base.refusal.RefusalReason.Retry;

/**
 * The kinds of reasons that every edge answers alike. A kind knows the party that usually must act
 * next and whether a retry can help. It does not know a protocol: each edge maps it.
 */
public enum RefusalKind {
  /** The request cannot be read, or asks for a feature that does not exist. */
  REQUEST(Fault.CALLER, Retry.NEVER),
  /** The request presents another type of credential than supported, or lacks a proof of a key. */
  PRESENTATION(Fault.CALLER, Retry.NEVER),
  /** The broker cannot accept the credential. */
  CREDENTIAL(Fault.CALLER, Retry.NEVER),
  /** The operator or the upstream does not admit a credential like this one. */
  CREDENTIAL_BARRED(Fault.CALLER, Retry.NEVER),
  /** The federation document describes the issuer of the credential wrongly. */
  ISSUER_SETTINGS(Fault.OPERATOR, Retry.NEVER),
  /** The keys of the issuer are not there now. */
  ISSUER_UNAVAILABLE(Fault.ISSUER, Retry.LATER),
  /** The broker knows no such target. */
  TARGET(Fault.CALLER, Retry.NEVER),
  /** The credential is valid, but no rule grants a token for it. */
  RULE(Fault.CALLER, Retry.NEVER),
  /** A rule cannot be evaluated. */
  RULE_SETTINGS(Fault.OPERATOR, Retry.NEVER),
  /** A rule grants a token, but not this scope. */
  SCOPE(Fault.CALLER, Retry.NEVER),
  /** The broker cannot accept the proof of possession. */
  PROOF(Fault.CALLER, Retry.NEVER),
  /** The proof of possession needs a nonce of the broker. */
  NONCE(Fault.CALLER, Retry.NEVER),
  /** The upstream and the federation document do not agree. */
  UPSTREAM_SETTINGS(Fault.OPERATOR, Retry.NEVER),
  /** The upstream does not work now. */
  UPSTREAM_UNAVAILABLE(Fault.UPSTREAM, Retry.LATER),
  /** The upstream has as much to do as it may. */
  UPSTREAM_LOAD(Fault.UPSTREAM, Retry.LATER),
  /** The broker cannot do this now. */
  BROKER_UNAVAILABLE(Fault.OPERATOR, Retry.LATER),
  /** The broker has as much to do, or to remember, as it may. */
  BROKER_LOAD(Fault.BROKER, Retry.LATER),
  /** There is no room for a further revocation. */
  REVOCATIONS(Fault.OPERATOR, Retry.LATER),
  /** The caller asks too often. */
  CALLER_RATE(Fault.CALLER, Retry.LATER),
  /** The caller of an endpoint for authenticated callers is unknown. */
  CALLER(Fault.CALLER, Retry.NEVER),
  /** The caller is known and lacks a right. */
  CALLER_RIGHTS(Fault.CALLER, Retry.NEVER),
  /** The broker does not revoke tokens like this one. */
  TOKEN_KIND(Fault.CALLER, Retry.NEVER),
  /** The time that the caller gave is over. */
  DEADLINE(Fault.CALLER, Retry.NONE),
  BUG(Fault.BROKER, Retry.NONE);

  private final Fault fault;
  private final Retry retry;

  RefusalKind(Fault fault, Retry retry) {
    this.fault = fault;
    this.retry = retry;
  }

  Fault fault() {
    return fault;
  }

  Retry retry() {
    return retry;
  }
}
