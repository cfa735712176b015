package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Pushback;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.RefusalReason.Retry;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.evaluate.exchange.evaluation.DisclosedFacts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.judge.possession.PresentedToken;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Maps a refusal to an HTTP response: the status, the error of RFC 6749 section 5.2 and {@code
 * Retry-After}. No other class of this edge knows this mapping. {@code grpc/RefusalStatus} does the
 * same for gRPC.
 *
 * <p>The body adds {@code reason}, {@code verdict_id} and {@code details} to the members of the
 * RFC. The details are what the caller may know of the step that failed.
 */
public final class RefusalResponse {

  private RefusalResponse() {}

  /** The error of a reason, for a request with that grant type. */
  static TokenError error(RefusalReason reason, GrantType grant) {
    return switch (reason.kind()) {
      case REQUEST, PRESENTATION -> TokenError.INVALID_REQUEST;
      case PROOF -> TokenError.INVALID_DPOP_PROOF;
      case NONCE -> TokenError.USE_DPOP_NONCE;
      case CALLER ->
          reason == RefusalReason.CALLER_UNAUTHENTICATED
              ? TokenError.INVALID_TOKEN
              : TokenError.INVALID_CLIENT;
      case CALLER_RIGHTS -> TokenError.INSUFFICIENT_SCOPE;
      case TOKEN_KIND -> TokenError.UNSUPPORTED_TOKEN_TYPE;
      case CREDENTIAL, CREDENTIAL_BARRED, ISSUER_SETTINGS -> grant.credentialError();
      case RULE, RULE_SETTINGS -> TokenError.UNAUTHORIZED_CLIENT;
      case SCOPE -> TokenError.INVALID_SCOPE;
      case TARGET, UPSTREAM_SETTINGS -> TokenError.INVALID_TARGET;
      case ISSUER_UNAVAILABLE, UPSTREAM_UNAVAILABLE, BROKER_UNAVAILABLE, REVOCATIONS ->
          TokenError.UNAVAILABLE;
      case BROKER_LOAD, CALLER_RATE, UPSTREAM_LOAD -> TokenError.OVERLOADED;
      case DEADLINE -> TokenError.TOO_LATE;
      case BUG -> TokenError.SERVER_ERROR;
    };
  }

  /**
   * The response to a request that has a verdict.
   *
   * @param disclosed the part of the verdict that the caller may see
   */
  static TokenAnswer of(Refusal refusal, Verdict disclosed, TokenRequest request) {
    RefusalReason reason = refusal.reason();
    TokenError error = error(reason, request.grant());
    if (!refusal.violations().isEmpty()) {
      error = request.shapeError(refusal.violations().getFirst());
    }
    String text = RefusalText.of(refusal, disclosed.id(), request::sentence);
    Map<String, Object> members = members(error, text, reason);
    members.put("verdict_id", disclosed.id());
    JsonBytes.putUnlessEmpty(members, "details", DisclosedFacts.of(disclosed));
    Map<String, String> headers = headers(refusal);
    headers.put(TokenAnswer.VERDICT_ID, disclosed.id());
    if (error == TokenError.INVALID_CLIENT && !request.challengeScheme().isEmpty()) {
      headers.put(HttpHeaders.WWW_AUTHENTICATE, Challenge.of(request.challengeScheme()));
    }
    return answer(error, members, headers);
  }

  /**
   * The response to a refused introspection or revocation, which has no verdict.
   *
   * <p>The response has a challenge if the caller (RFC 6750 section 3) or its proof of possession
   * is not accepted. A refused proof has status 401, and not 400 as at the token endpoint (RFC 9449
   * sections 7.1, 9). An unknown caller without a token gets {@code invalid_client} (RFC 6749
   * section 5.2). RFC 7662 section 2.3 and RFC 7009 section 2.2.1 refer to that section.
   *
   * @param authorization the header of that name, empty if there is none
   */
  public static TokenAnswer ofCaller(Refusal refusal, String authorization) {
    RefusalReason reason = refusal.reason();
    TokenError error = callerError(reason, authorization);
    String text = RefusalText.of(refusal, "");
    Map<String, String> headers = headers(refusal);
    if (reason.kind() == RefusalKind.CALLER) {
      headers.put(HttpHeaders.WWW_AUTHENTICATE, Challenge.unknownClient(authorization));
    } else if (isOfProof(error)) {
      headers.put(HttpHeaders.WWW_AUTHENTICATE, Challenge.with(error, text, authorization));
    } else if (error == TokenError.INSUFFICIENT_SCOPE) {
      headers.put(
          HttpHeaders.WWW_AUTHENTICATE,
          Challenge.with(error, text, authorization)
              + ", scope=\"%s\"".formatted(refusal.expected()));
    }
    TokenAnswer answer = answer(error, members(error, text, reason), headers);
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

  /** Whether the error is about the proof of possession. */
  static boolean isOfProof(TokenError error) {
    return error == TokenError.INVALID_DPOP_PROOF || error == TokenError.USE_DPOP_NONCE;
  }

  /**
   * The response to a malformed request, which has no verdict.
   *
   * @param description the error, or what to do; must not quote the request
   */
  public static TokenAnswer unread(TokenError error, String description) {
    RefusalReason reason = RefusalReason.REQUEST_INVALID;
    String text = RefusalText.explained(reason, description);
    return answer(error, members(error, text, reason), Map.of());
  }

  /** The response to a request that is not evaluated, so without a verdict. */
  public static TokenAnswer unread(TokenError error, Refusal refusal) {
    String text = RefusalText.of(refusal, "");
    return answer(error, members(error, text, refusal.reason()), headers(refusal));
  }

  private static Map<String, Object> members(TokenError error, String text, RefusalReason reason) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("error", error.code());
    members.put("error_description", text);
    members.put("reason", reason.name());
    return members;
  }

  private static TokenAnswer answer(
      TokenError error, Map<String, Object> members, Map<String, String> headers) {
    return new TokenAnswer(error.status(), headers, Buffer.buffer(JsonBytes.of(members)));
  }

  /**
   * The header {@code Retry-After}, if a retry can help. Its seconds are rounded up, so that no
   * caller retries too early (RFC 9110 section 10.2.3).
   */
  public static Map<String, String> headers(Refusal refusal) {
    Map<String, String> headers = new HashMap<>();
    if (refusal.reason().retry() == Retry.LATER) {
      long millis = Pushback.of(refusal, ThreadLocalRandom.current()).toMillis();
      headers.put(HttpHeaders.RETRY_AFTER, Long.toString((millis + 999) / 1_000));
    }
    return headers;
  }
}
