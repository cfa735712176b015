package dev.tokenbroker.base.refusal;

/**
 * Every reason for which a token is refused: one constant for each thing that a caller or an
 * operator would do differently. Names are part of the API and of the meters; they are added, never
 * renamed.
 *
 * <p>Each constant has its kind, what it means in a sentence that reveals nothing, and the remedy.
 * It names the party that must act next if that is another one than for the rest of its kind.
 */
public enum RefusalReason {
  REQUEST_INVALID(
      RefusalKind.REQUEST,
      "The request is not well-formed.",
      "Correct the fields named in the details."),
  ACTOR_NOT_SUPPORTED(
      RefusalKind.REQUEST,
      "Delegation by an actor token is not supported.",
      "Leave actor_token and actor_token_type empty."),
  CREDENTIAL_TYPE_NOT_SUPPORTED(
      RefusalKind.PRESENTATION,
      "The type of the subject token is not supported.",
      "Present a signed JWT with the token type jwt, id_token or access_token of RFC 8693 section 3."),
  CREDENTIAL_TOO_LARGE(
      RefusalKind.CREDENTIAL,
      "The credential is larger than this broker reads.",
      "Ask the issuer for a credential with fewer, shorter or flatter claims and header members."),
  CREDENTIAL_MALFORMED(
      RefusalKind.CREDENTIAL,
      "The credential is not a well-formed signed JWT.",
      "Send the JWT that the issuer signed, alone, whole and unchanged; the details say what came."),
  CREDENTIAL_NOT_SUPPORTED(
      RefusalKind.CREDENTIAL,
      "The credential uses a feature that this broker does not accept.",
      "Use a plain signed JWT: with typ JWT or at+jwt, or without typ; not encrypted, not nested, without crit, without unencoded payload and without numbers beyond 64 bits."),
  CLAIM_MISSING(
      RefusalKind.CREDENTIAL,
      "The credential lacks a required claim.",
      "Have the issuer put iss, sub, aud and exp into the credential."),
  ISSUER_UNKNOWN(
      RefusalKind.CREDENTIAL,
      "The issuer of the credential is not trusted here.",
      "Compare the credential's iss with the issuers in the federation document; they must be equal."),
  ISSUER_NEAR_MISS(
      RefusalKind.CREDENTIAL,
      Fault.OPERATOR,
      "The issuer of the credential differs from a trusted one only by its spelling.",
      "Make issuer in the federation document equal to the credential's iss, including a trailing slash, case and port."),
  ISSUER_DISABLED(
      RefusalKind.CREDENTIAL_BARRED,
      Fault.OPERATOR,
      "The issuer of the credential has been disabled.",
      "Ask the operators of this broker; the issuer has disabled: true in the federation document."),
  ALGORITHM_NOT_ALLOWED(
      RefusalKind.CREDENTIAL,
      "The credential is signed with an algorithm that its issuer may not use.",
      "Have the issuer sign with an allowed algorithm, or add its algorithm to the issuer's algorithms."),
  KEY_UNKNOWN(
      RefusalKind.CREDENTIAL,
      "The issuer publishes no usable key of the name that the credential gives.",
      "Get a fresh credential; if it is fresh, check that the issuer publishes the key at its jwks_uri, as one that can be used."),
  KEY_REFETCH_COOLING_DOWN(
      RefusalKind.ISSUER_UNAVAILABLE,
      "The key that the credential names is not known yet and may be asked for again only later.",
      "Come back after the pushback; the issuer's keys are then fetched afresh."),
  SIGNATURE_INVALID(
      RefusalKind.CREDENTIAL,
      "The signature of the credential does not verify.",
      "Send the token unchanged; if it is, compare the key's thumbprint in the verdict with the key that the issuer publishes under that kid now."),
  KEYS_UNREACHABLE(
      RefusalKind.ISSUER_UNAVAILABLE,
      "The issuer's keys cannot be fetched and no valid copy is held.",
      "Check the network and the issuer's health; the broker tries again by itself."),
  KEYS_INVALID(
      RefusalKind.ISSUER_UNAVAILABLE,
      "The issuer answers something else than keys and no valid copy is held.",
      "Check what the issuer serves at its discovery document and jwks_uri; the broker tries again by itself."),
  ISSUER_TLS_UNTRUSTED(
      RefusalKind.ISSUER_UNAVAILABLE,
      Fault.OPERATOR,
      "The TLS certificate of the issuer is not trusted and no valid copy of its keys is held.",
      "Give the issuer a TLS configuration (tls) whose trust store has the issuer's root certificate."),
  ISSUER_CERTIFICATE_INVALID(
      RefusalKind.ISSUER_UNAVAILABLE,
      "The TLS certificate of the issuer is out of its time, for another host or not for servers, and no valid copy of its keys is held.",
      "Have the issuer serve a certificate for servers that is valid now and names its host as a subject alternative name. The verdict has its names and dates, and the time by this broker's clock."),
  ISSUER_CLIENT_CERTIFICATE_WANTED(
      RefusalKind.ISSUER_UNAVAILABLE,
      Fault.OPERATOR,
      "The issuer asks the broker for a client certificate, and no valid copy of its keys is held.",
      "Give the issuer a TLS configuration (tls) whose key store has a certificate that the issuer accepts."),
  ISSUER_TLS_FAILED(
      RefusalKind.ISSUER_UNAVAILABLE,
      "No TLS connection to the issuer can be made, and no valid copy of its keys is held.",
      "Compare what the issuer speaks on this port with the TLS versions of the broker. The verdict has what came."),
  ISSUER_PROXY_FAILED(
      RefusalKind.ISSUER_UNAVAILABLE,
      Fault.OPERATOR,
      "The proxy makes no connection to the issuer, and no valid copy of its keys is held.",
      "Have the proxy of token-broker.upstream.proxy run, and let the broker connect to that host through it without a password. The verdict has what the proxy answers."),
  DISCOVERY_ISSUER_MISMATCH(
      RefusalKind.ISSUER_SETTINGS,
      "The issuer's discovery document names another issuer.",
      "Make issuer in the federation document equal to the issuer in the discovery document (OIDC Discovery section 4.3)."),
  ISSUER_ADDRESS_REFUSED(
      RefusalKind.ISSUER_SETTINGS,
      "The issuer's address is one that this broker does not call.",
      "Use https and a host that is not link-local or a metadata service."),
  ISSUER_ACCESS_REFUSED(
      RefusalKind.ISSUER_UNAVAILABLE,
      Fault.OPERATOR,
      "The issuer does not accept the token by which the broker identifies itself, or the broker has no such token.",
      "Give the broker a token that the issuer accepts; the verdict has the status of the issuer, or what the file with the token lacks."),
  ISSUER_AMBIGUOUS(
      RefusalKind.CREDENTIAL,
      "The credential is for the audiences of several issuers that have the same iss.",
      "Get a credential whose aud names one audience, that of the issuer it comes from."),
  CREDENTIAL_REFUSED_BY_ISSUER(
      RefusalKind.CREDENTIAL,
      "The signature of the credential is good, but its issuer no longer accepts the credential.",
      "Get a fresh credential: the pod or the service account that this one was issued for may be deleted."),
  TOKEN_REVIEW_UNAVAILABLE(
      RefusalKind.ISSUER_UNAVAILABLE,
      "The issuer cannot be asked now whether it still accepts the credential.",
      "Check the API server of the issuer's cluster and the way to it; come back after the pushback."),
  CREDENTIAL_EXPIRED(
      RefusalKind.CREDENTIAL,
      "The credential has expired.",
      "Get a fresh credential from the issuer; if it is fresh, compare the clocks."),
  CREDENTIAL_NOT_YET_VALID(
      RefusalKind.CREDENTIAL,
      "The credential is not valid yet.",
      "Compare the clocks of issuer and broker; a small difference is covered by the issuer's leeway."),
  CREDENTIAL_TOO_OLD(
      RefusalKind.CREDENTIAL,
      "The credential was issued longer ago than its issuer's maxTokenAge allows.",
      "Get a fresh credential for every exchange."),
  AUDIENCE_MISMATCH(
      RefusalKind.CREDENTIAL,
      "The credential was not issued for this broker.",
      "Ask the issuer for a credential whose aud is one of the audiences of the issuer in the federation document."),
  CLIENT_MISMATCH(
      RefusalKind.CALLER,
      "The client_id is not the client that the credential names.",
      "Omit client_id, or send the name of the registered client that the credential proves, or its sub, azp or client_id."),
  TARGET_UNKNOWN(
      RefusalKind.TARGET,
      "There is no such target.",
      "Ask for the audience of a target in the federation document."),
  NO_RULE_MATCHED(
      RefusalKind.RULE,
      "No rule admits this identity to the target.",
      "Compare the credential's claims with the conditions of the rules for this issuer and audience."),
  RULE_DISABLED(
      RefusalKind.RULE,
      Fault.OPERATOR,
      "The rule that would admit this identity has been disabled.",
      "Ask the operators of this broker; the rule has disabled: true in the federation document."),
  RULE_EVALUATION_FAILED(
      RefusalKind.RULE_SETTINGS,
      "A rule of the federation could not be evaluated for this identity.",
      "Mend the expression of the rule that the verdict names."),
  SCOPE_NOT_GRANTED(
      RefusalKind.SCOPE,
      "A requested scope is not granted by the rule that decides.",
      "Ask for granted scopes only, or for none to get all that are granted."),
  CREDENTIAL_KEY_NOT_PROVED(
      RefusalKind.CREDENTIAL,
      "The credential is bound to a key or a certificate (cnf), and the caller has not proved to hold it.",
      "Send a DPoP proof by that key, or call over mutual TLS with that certificate."),
  CREDENTIAL_ALREADY_USED(
      RefusalKind.CREDENTIAL,
      "The credential has been exchanged before, and those of its issuer may be exchanged once only.",
      "Get a fresh credential for every exchange; if nobody of yours used this one, treat it as stolen."),
  CREDENTIAL_IN_USE(
      RefusalKind.CALLER_RATE,
      "The credential may be exchanged once only, and another request is exchanging it now.",
      "Get a fresh credential for every exchange; or come back after the pushback, in case the other request gets no token."),
  CREDENTIAL_REVOKED(
      RefusalKind.CREDENTIAL,
      "The credential is a token of this broker, and it has been revoked.",
      "Get a new credential; do not send this one again."),
  USED_CREDENTIALS_FULL(
      RefusalKind.BROKER_LOAD,
      Fault.OPERATOR,
      "The broker remembers as many used credentials as it may, and cannot take one more.",
      "Come back after the pushback; raise token-broker.credential.max-used, or have the issuer's credentials end sooner."),
  CERTIFICATE_REQUIRED(
      RefusalKind.PRESENTATION,
      "Tokens for this target are bound to a client certificate, and the caller has shown none.",
      "Call over mutual TLS, to the broker itself and not through a proxy that ends TLS."),
  DPOP_PROOF_REQUIRED(
      RefusalKind.PRESENTATION,
      "Tokens for this target are bound to a key, and the caller has proved to hold none.",
      "Send a proof of possession in the header DPoP (RFC 9449), or what else the failed step expects."),
  DPOP_PROOF_INVALID(
      RefusalKind.PROOF,
      "The DPoP proof is not one, its signature does not verify, or it is not for the token that it came with.",
      "Send one DPoP header with a proof as in RFC 9449 section 4.2, signed by the key in its jwk, and with a token its ath."),
  DPOP_PROOF_MISDIRECTED(
      RefusalKind.PROOF,
      "The DPoP proof was made for another request.",
      "Make a proof for each request, with its method as htm and its address as htu; behind a proxy, set token-broker.dpop.base-urls."),
  DPOP_PROOF_OUT_OF_TIME(
      RefusalKind.PROOF,
      "The DPoP proof was made too long ago, or in the future.",
      "Make a proof for each request just before it is sent, and compare the clocks."),
  DPOP_NONCE_REQUIRED(
      RefusalKind.NONCE,
      "The DPoP proof lacks the nonce of this broker, or has one that is too old.",
      "Make a new proof with the nonce that DPoP-Nonce gives, and send the request again."),
  DPOP_PROOF_REPLAYED(
      RefusalKind.PROOF,
      "The DPoP proof was used before.",
      "Make a proof with a jti of its own for each request; where you did, somebody else has sent it."),
  DPOP_PROOFS_FULL(
      RefusalKind.BROKER_LOAD,
      "More DPoP proofs have been used lately than the broker remembers.",
      "Come back after the pushback; if it stays, raise token-broker.dpop.max-remembered."),
  STORE_UNAVAILABLE(
      RefusalKind.BROKER_UNAVAILABLE,
      "This replica cannot tell now what the other replicas know of this.",
      "Come back after the pushback. If it stays, check the store that the replicas share: the log tells whether it answers."),
  FEDERATION_NOT_LOADED(
      RefusalKind.BROKER_UNAVAILABLE,
      "No federation document has been loaded.",
      "Mend the federation document; the log names every problem with its line."),
  SIGNING_KEY_UNAVAILABLE(
      RefusalKind.BROKER_UNAVAILABLE,
      "The broker has no key to sign tokens with.",
      "Check the signing key settings; the log names the problem."),
  BROKER_OVERLOADED(
      RefusalKind.BROKER_LOAD,
      "The broker has more to do than it can do in time.",
      "Come back after the pushback; if it stays, give the broker more CPU or more replicas."),
  STREAMS_FULL(
      RefusalKind.BROKER_LOAD,
      Fault.OPERATOR,
      "The broker has as many streams of changes and of the console as it may.",
      "Close streams that nobody reads, or revoke the tokens of those who hold them. Each stream ends after 10 minutes."),
  CALLER_STREAMS_FULL(
      RefusalKind.CALLER_RATE,
      "The caller has as many streams of changes and of the console as one subject may.",
      "Close a stream of this subject, or give each program a subject of its own. Each stream ends after 10 minutes."),
  BROKER_STOPPING(
      RefusalKind.BROKER_UNAVAILABLE,
      Fault.BROKER,
      "The broker is being stopped and begins nothing new.",
      "Call again: another replica answers, or the one that comes next."),
  CREDENTIAL_RATE_LIMITED(
      RefusalKind.CALLER_RATE,
      "This credential is presented more often than the broker evaluates it.",
      "Keep the token until its refresh_time instead of asking for each call, and come back after the pushback."),
  SHARE_USED_UP(
      RefusalKind.CALLER_RATE,
      "This caller, or its issuer, has its whole share of what the broker must remember.",
      "Come back after the pushback, and use each credential, assertion and proof for one request only where that is needed."),
  CREDENTIAL_LIVES_TOO_LONG(
      RefusalKind.CREDENTIAL,
      "The credential may be exchanged once only, and lives for more than a day.",
      "Have the issuer sign credentials that expire within a day."),
  IDENTITY_RATE_LIMITED(
      RefusalKind.CALLER_RATE,
      "This identity, or its issuer, causes more requests at the upstream than its share.",
      "Keep the token until its refresh_time and send the same request again; an operator may raise token-broker.admission.per-identity-rate or per-issuer-rate."),
  UPSTREAM_CREDENTIAL_REFUSED(
      RefusalKind.CREDENTIAL_BARRED,
      "The upstream refuses this credential.",
      "Get a fresh credential; if it is fresh, check that the upstream trusts its issuer and knows its subject."),
  UPSTREAM_CLIENT_REFUSED(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream does not accept the broker as its client.",
      "Check that the client is enabled at the upstream, and clientId and its secret, key or certificate in the federation document."),
  UPSTREAM_NOT_PERMITTED(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream does not permit the broker's client this exchange.",
      "Permit the client this grant and this audience at the upstream."),
  UPSTREAM_REQUEST_REFUSED(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream refuses what the target asks it for.",
      "Compare audience, resources, scopes and parameters of the target with what the upstream offers; what it answered is in the notes of the verdict."),
  UPSTREAM_UNREACHABLE(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The upstream cannot be reached.",
      "Check the network and the upstream's health; come back after the pushback."),
  UPSTREAM_UNAVAILABLE(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The upstream answers that it is in trouble.",
      "Check the upstream's health; come back after the pushback."),
  UPSTREAM_THROTTLED(
      RefusalKind.UPSTREAM_LOAD,
      "The upstream answers that it is asked too often.",
      "Raise the broker's limit at the upstream; come back after the pushback."),
  UPSTREAM_TIMED_OUT(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The upstream did not answer in time.",
      "Check the upstream's health; come back after the pushback."),
  UPSTREAM_TLS_UNTRUSTED(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      Fault.OPERATOR,
      "The TLS certificate of the upstream is not trusted.",
      "Give the upstream a TLS configuration (tls) whose trust store has the upstream's root certificate."),
  UPSTREAM_CERTIFICATE_INVALID(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The TLS certificate of the upstream is out of its time, for another host or not for servers.",
      "Have the upstream serve a certificate for servers that is valid now and names its host as a subject alternative name. The verdict has its names and dates, and the time by this broker's clock."),
  UPSTREAM_CLIENT_CERTIFICATE_WANTED(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      Fault.OPERATOR,
      "The upstream asks the broker for a client certificate.",
      "Give the upstream a TLS configuration (tls) whose key store has a certificate that the upstream accepts."),
  UPSTREAM_TLS_FAILED(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "No TLS connection to the upstream can be made.",
      "Compare what the upstream speaks on this port with the TLS versions of the broker. The verdict has what came."),
  UPSTREAM_PROXY_FAILED(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      Fault.OPERATOR,
      "The proxy makes no connection to the upstream.",
      "Have the proxy of token-broker.upstream.proxy run, and let the broker connect to that host through it without a password. The verdict has what the proxy answers."),
  UPSTREAM_ANSWER_MALFORMED(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The upstream answers something else than a token response.",
      "Check what the upstream's token endpoint serves, and what stands between it and the broker."),
  UPSTREAM_TOKEN_UNUSABLE(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The upstream hands out a token that must not be passed on.",
      "Have the upstream hand out Bearer tokens with expires_in between 1 s and the broker's limit."),
  UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream's token lives longer than the credential.",
      "Shorten the upstream's tokens, or let the rule say outliveCredential: true."),
  UPSTREAM_SCOPE_TOO_WIDE(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream's token has scopes that were not requested.",
      "Have the upstream issue the requested scopes only, or let the target say allowMoreScopes: true."),
  UPSTREAM_ADDRESS_REFUSED(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream's address is one that this broker does not call.",
      "Use https and a host that is not link-local or a metadata service. Name a token endpoint at another origin than the issuer's by tokenEndpoint or tokenOrigins of the upstream."),
  UPSTREAM_ISSUER_MISMATCH(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream's discovery document names another issuer.",
      "Make issuer of the upstream equal to the issuer in its discovery document (RFC 8414 section 3.3)."),
  UPSTREAM_CIRCUIT_OPEN(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      "The upstream has failed repeatedly and is asked again only from time to time.",
      "Come back after the pushback; the broker finds out by itself when the upstream is well again."),
  UPSTREAM_BUDGET_EXHAUSTED(
      RefusalKind.UPSTREAM_LOAD,
      "No further attempt at the upstream is allowed for this exchange yet.",
      "Come back after the pushback: it is when the next attempt is allowed."),
  UPSTREAM_BUSY(
      RefusalKind.UPSTREAM_LOAD,
      "As many exchanges as allowed are under way at the upstream.",
      "Come back after the pushback; if it stays, raise the upstream's concurrency or make it faster."),
  UPSTREAM_ACTOR_MISSING(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream's token does not name the broker as actor.",
      "Have the upstream add the claim act for the broker's actor_token, or remove required: true from actor in the federation document."),
  OWN_TOKEN_REFUSED(
      RefusalKind.UPSTREAM_SETTINGS,
      "The provider does not issue the broker its own token.",
      "Check quarkus.oidc-client of the client that the verdict names: client-id, its secret, key or token file, and scopes; the provider's error is in the verdict."),
  OWN_TOKEN_UNREACHABLE(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      Fault.OPERATOR,
      "The provider of the broker's own token cannot be reached, or answers that it is in trouble.",
      "Check the provider's health, and token-path and the TLS configuration of the client that the verdict names; the log has the cause."),
  OWN_TOKEN_TIMED_OUT(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      Fault.OPERATOR,
      "The provider of the broker's own token did not answer in time.",
      "Check the provider's health; come back after the pushback."),
  OWN_TOKEN_MALFORMED(
      RefusalKind.UPSTREAM_UNAVAILABLE,
      Fault.OPERATOR,
      "The provider of the broker's own token answers something else than a usable token response.",
      "Check what token-path of the client serves, and what stands between it and the broker; tokens must be Bearer tokens with expires_in."),
  DEADLINE_EXCEEDED(
      RefusalKind.DEADLINE,
      "The caller's deadline passed before the exchange was done.",
      "Give the call more time, or look in the verdict for the step that took it."),
  CALLER_UNAUTHENTICATED(
      RefusalKind.CALLER,
      "The caller has not shown that it may use this endpoint.",
      "Present an active token for the audience token-broker, as Bearer, or as DPoP with its proof where it is bound to a key; or prove a client that has the right in the federation document."),
  AUTHENTICATION_RATE_LIMITED(
      RefusalKind.CALLER_RATE,
      "Too many failed attempts to authenticate came from this address.",
      "Correct the client's id or secret, and come back after the pushback."),
  CALLER_NOT_PERMITTED(
      RefusalKind.CALLER_RIGHTS,
      "The caller's token lacks the scope for this, or the client lacks the right.",
      "Have a rule grant the scope that this call needs (introspect, revoke or operate) for the audience token-broker; or add the right to may of the client."),
  CLIENT_UNAUTHENTICATED(
      RefusalKind.CALLER,
      "The client is unknown, or has not proved which client it is.",
      "Compare the id and the proof with the entry of the client in the federation document: its secret, key, issuer and subject, or certificate."),
  CLIENT_DISABLED(
      RefusalKind.CALLER,
      Fault.OPERATOR,
      "The client has been disabled.",
      "Ask the operators of this broker; the client has disabled: true in the federation document."),
  CLIENT_NOT_PERMITTED(
      RefusalKind.RULE,
      "The client may not do this.",
      "Add the right (exchange, introspect or revoke) to may of the client in the federation document; a client by secret or certificate also needs a credential to exchange."),
  CLIENT_NOT_ADMITTED(
      RefusalKind.RULE,
      "Rules admit this identity to the target, but only for other clients.",
      "Authenticate as a client that such a rule names, or name the client in a rule."),
  TOKEN_NOT_REVOCABLE(
      RefusalKind.TOKEN_KIND,
      "The broker cannot revoke this token, which may be valid.",
      "Revoke it where it was issued, or at the replica that got it, or wait until it expires."),
  REVOCATIONS_FULL(
      RefusalKind.REVOCATIONS,
      "As many revoked tokens are kept as the settings allow; this one was not revoked.",
      "Raise token-broker.revocation.max-tokens; there is room again when the next of them has expired."),
  REVOCATION_NOT_STORED(
      RefusalKind.BROKER_UNAVAILABLE,
      "The revocation could not be stored on disk or in the store of the replicas; the token may still be good.",
      "Check the disk of token-broker.revocation.path, or the store; the log names the problem."),
  INTERNAL_ERROR(
      RefusalKind.BUG,
      "The broker failed.",
      "Report it with the verdict id; the log has one line with the same id."),
  UPSTREAM_ASSERTION_REFUSED(
      RefusalKind.UPSTREAM_SETTINGS,
      "The upstream refuses the JWT by which the broker vouches for the identity.",
      "Compare the broker's registration at the upstream with iss, aud and sub of the JWT in the verdict; check that the upstream can fetch the broker's key set.");

  /** The party that must act next. */
  public enum Fault {
    /** The workload, or the party that gave it the credential. */
    CALLER,
    /** The party that signs the credentials. */
    ISSUER,
    /** The party that tokens are exchanged at. */
    UPSTREAM,
    /** The party that keeps the federation document and this broker's settings. */
    OPERATOR,
    /** The broker itself: a bug, or more load than it can serve. */
    BROKER
  }

  /** Whether a retry with the same request can help. */
  public enum Retry {
    /** A retry cannot help; the response says so. */
    NEVER,
    /** A retry can help, after the time that the refusal gives. */
    LATER,
    /** The response says nothing about a retry. */
    NONE
  }

  private final RefusalKind kind;
  private final Fault fault;
  private final String meaning;
  private final String remedy;

  RefusalReason(RefusalKind kind, String meaning, String remedy) {
    this(kind, kind.fault(), meaning, remedy);
  }

  RefusalReason(RefusalKind kind, Fault fault, String meaning, String remedy) {
    this.kind = kind;
    this.fault = fault;
    this.meaning = meaning;
    this.remedy = remedy;
  }

  public RefusalKind kind() {
    return kind;
  }

  public Fault fault() {
    return fault;
  }

  public Retry retry() {
    return kind.retry();
  }

  /** One sentence that any reader may see. */
  public String meaning() {
    return meaning;
  }

  /** What to do, in one sentence that any reader may see. */
  public String remedy() {
    return remedy;
  }
}
