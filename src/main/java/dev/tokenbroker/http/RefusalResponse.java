package dev.tokenbroker.http;

import dev.tokenbroker.exchange.DisclosedFacts;
import dev.tokenbroker.exchange.FieldViolation;
import dev.tokenbroker.exchange.Pushback;
import dev.tokenbroker.exchange.RequestRules;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.RefusalReason.Retry;
import dev.tokenbroker.possession.PresentedToken;
import dev.tokenbroker.token.JsonBytes;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Turns a refusal into what goes over HTTP: the status, the error of RFC 6749 section 5.2, and when
 * to come back. The only place of this edge that knows them; {@code grpc/RefusalStatus} is its
 * sibling.
 *
 * <p>Beside the members of the RFC, the body has {@code reason}, {@code verdict_id}, and in {@code
 * details} what the caller may know of the step that failed.
 */
final class RefusalResponse {

  private RefusalResponse() {}

  /** The error of a reason, for a request that is spelt so. */
  static TokenError error(RefusalReason reason, GrantType grant) {
    return switch (reason) {
      case REQUEST_INVALID,
          ACTOR_NOT_SUPPORTED,
          CREDENTIAL_TYPE_NOT_SUPPORTED,
          CERTIFICATE_REQUIRED,
          DPOP_PROOF_REQUIRED ->
          TokenError.INVALID_REQUEST;
      case DPOP_PROOF_INVALID,
          DPOP_PROOF_MISDIRECTED,
          DPOP_PROOF_OUT_OF_TIME,
          DPOP_PROOF_REPLAYED ->
          TokenError.INVALID_DPOP_PROOF;
      case DPOP_NONCE_REQUIRED -> TokenError.USE_DPOP_NONCE;
      case CALLER_UNAUTHENTICATED -> TokenError.INVALID_TOKEN;
      case CALLER_NOT_PERMITTED -> TokenError.INSUFFICIENT_SCOPE;
      case TOKEN_NOT_REVOCABLE -> TokenError.UNSUPPORTED_TOKEN_TYPE;
      // The broker cannot accept the credential, whoever could mend that.
      case CREDENTIAL_TOO_LARGE,
          CREDENTIAL_MALFORMED,
          CREDENTIAL_NOT_SUPPORTED,
          CLAIM_MISSING,
          ISSUER_UNKNOWN,
          ISSUER_NEAR_MISS,
          ISSUER_DISABLED,
          ALGORITHM_NOT_ALLOWED,
          KEY_UNKNOWN,
          SIGNATURE_INVALID,
          DISCOVERY_ISSUER_MISMATCH,
          ISSUER_ADDRESS_REFUSED,
          CREDENTIAL_EXPIRED,
          CREDENTIAL_NOT_YET_VALID,
          CREDENTIAL_TOO_OLD,
          CREDENTIAL_KEY_NOT_PROVED,
          CREDENTIAL_ALREADY_USED,
          AUDIENCE_MISMATCH,
          UPSTREAM_CREDENTIAL_REFUSED ->
          grant.credentialError();
      // The credential is good, and its holder may not.
      case NO_RULE_MATCHED, RULE_DISABLED, RULE_EVALUATION_FAILED -> TokenError.UNAUTHORIZED_CLIENT;
      case SCOPE_NOT_GRANTED -> TokenError.INVALID_SCOPE;
      // No token can be had for the target.
      case TARGET_UNKNOWN,
          UPSTREAM_CLIENT_REFUSED,
          UPSTREAM_NOT_PERMITTED,
          UPSTREAM_REQUEST_REFUSED,
          UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL,
          UPSTREAM_ADDRESS_REFUSED,
          UPSTREAM_ISSUER_MISMATCH ->
          TokenError.INVALID_TARGET;
      case KEY_REFETCH_COOLING_DOWN,
          KEYS_UNREACHABLE,
          KEYS_INVALID,
          ISSUER_TLS_UNTRUSTED,
          FEDERATION_NOT_LOADED,
          SIGNING_KEY_UNAVAILABLE,
          UPSTREAM_UNREACHABLE,
          UPSTREAM_UNAVAILABLE,
          UPSTREAM_TIMED_OUT,
          UPSTREAM_TLS_UNTRUSTED,
          UPSTREAM_ANSWER_MALFORMED,
          UPSTREAM_TOKEN_UNUSABLE,
          UPSTREAM_CIRCUIT_OPEN,
          REVOCATIONS_FULL,
          REVOCATION_NOT_STORED,
          BROKER_STOPPING ->
          TokenError.UNAVAILABLE;
      case BROKER_OVERLOADED,
          CREDENTIAL_RATE_LIMITED,
          USED_CREDENTIALS_FULL,
          DPOP_PROOFS_FULL,
          UPSTREAM_THROTTLED,
          UPSTREAM_BUDGET_EXHAUSTED,
          UPSTREAM_BUSY ->
          TokenError.OVERLOADED;
      case DEADLINE_EXCEEDED -> TokenError.TOO_LATE;
      case INTERNAL_ERROR -> TokenError.SERVER_ERROR;
    };
  }

  /**
   * The answer to a request that was judged.
   *
   * @param disclosed the verdict as far as the caller may see it
   */
  static TokenAnswer of(Refusal refusal, Verdict disclosed, TokenRequest request) {
    RefusalReason reason = refusal.reason();
    TokenError error = error(reason, request.grant());
    String description = reason.meaning() + " " + reason.remedy();
    if (reason == RefusalReason.REQUEST_INVALID) {
      List<FieldViolation> violations = RequestRules.violations(request.exchange());
      error = request.shapeError(violations);
      description = reason.meaning() + " " + request.sentence(violations.getFirst());
    }
    Map<String, Object> members = members(error, description, reason);
    members.put("verdict_id", disclosed.id());
    Map<String, String> facts = DisclosedFacts.of(disclosed);
    if (!facts.isEmpty()) {
      members.put("details", facts);
    }
    Map<String, String> headers = headers(refusal);
    if (error == TokenError.INVALID_CLIENT) {
      headers.put(HttpHeaders.WWW_AUTHENTICATE, Challenge.of(request.challengeScheme()));
    }
    return answer(error, members, headers);
  }

  /**
   * The answer to one who uses the broker beyond exchanges, where there is no verdict. A challenge
   * goes along where it is the caller that is not accepted (RFC 6750 section 3), or its proof,
   * which is 401 here and not 400 as at the token endpoint (RFC 9449 sections 7.1, 9). Who presents
   * no token is a client that has not authenticated, or by what does not count here (RFC 6749
   * section 5.2, to which RFC 7662 section 2.3 and RFC 7009 section 2.2.1 lead).
   *
   * @param authorization the header of that name, empty where there is none
   */
  static TokenAnswer ofCaller(Refusal refusal, String authorization) {
    RefusalReason reason = refusal.reason();
    TokenError error = callerError(reason, authorization);
    Map<String, String> headers = headers(refusal);
    if (reason == RefusalReason.CALLER_UNAUTHENTICATED) {
      headers.put(HttpHeaders.WWW_AUTHENTICATE, Challenge.unknownClient(authorization));
    } else if (isOfProof(error)) {
      headers.put(HttpHeaders.WWW_AUTHENTICATE, Challenge.with(error.code(), authorization));
    } else if (error == TokenError.INSUFFICIENT_SCOPE) {
      headers.put(
          HttpHeaders.WWW_AUTHENTICATE,
          Challenge.with(error.code(), authorization)
              + ", scope=\"%s\"".formatted(refusal.expected()));
    }
    String detail =
        reason == RefusalReason.REQUEST_INVALID ? refusal.expected() + "." : reason.remedy();
    TokenAnswer answer =
        answer(error, members(error, reason.meaning() + " " + detail, reason), headers);
    return isOfProof(error)
        ? new TokenAnswer(TokenError.INVALID_TOKEN.status(), answer.headers(), answer.body())
        : answer;
  }

  private static TokenError callerError(RefusalReason reason, String authorization) {
    return reason == RefusalReason.CALLER_UNAUTHENTICATED
            && PresentedToken.parse(authorization).isEmpty()
        ? TokenError.INVALID_CLIENT
        : error(reason, GrantType.TOKEN_EXCHANGE);
  }

  /** Whether it is the proof of possession that is not accepted. */
  static boolean isOfProof(TokenError error) {
    return error == TokenError.INVALID_DPOP_PROOF || error == TokenError.USE_DPOP_NONCE;
  }

  /**
   * The answer to what is no request: nothing was judged, and there is no verdict.
   *
   * @param description what is wrong, or what to do; nothing of the request
   */
  static TokenAnswer unread(TokenError error, RefusalReason reason, String description) {
    return answer(error, members(error, description, reason), headers(Refusal.of(reason)));
  }

  /** The same where the refusal says what is demanded. */
  static TokenAnswer unread(TokenError error, Refusal refusal) {
    RefusalReason reason = refusal.reason();
    return unread(error, reason, reason.meaning() + " " + refusal.expected() + ".");
  }

  private static Map<String, Object> members(
      TokenError error, String description, RefusalReason reason) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("error", error.code());
    members.put("error_description", describable(description));
    members.put("reason", reason.name());
    return members;
  }

  private static TokenAnswer answer(
      TokenError error, Map<String, Object> members, Map<String, String> headers) {
    return new TokenAnswer(error.status(), headers, Buffer.buffer(JsonBytes.of(members)));
  }

  /**
   * When to come back, where that helps: in whole seconds, rounded up, so that nobody comes too
   * early (RFC 9110 section 10.2.3).
   */
  static Map<String, String> headers(Refusal refusal) {
    Map<String, String> headers = new HashMap<>();
    if (refusal.reason().retry() == Retry.LATER) {
      long millis = Pushback.of(refusal, ThreadLocalRandom.current()).toMillis();
      headers.put(HttpHeaders.RETRY_AFTER, Long.toString((millis + 999) / 1_000));
    }
    return headers;
  }

  /** The characters that RFC 6749 section 5.2 allows. */
  private static String describable(String text) {
    StringBuilder allowed = new StringBuilder(text.length());
    text.chars()
        .map(c -> c == '"' || c == '\\' ? '\'' : c)
        .map(c -> c < ' ' || c > '~' ? '?' : c)
        .forEach(c -> allowed.append((char) c));
    return allowed.toString();
  }
}
