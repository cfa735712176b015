package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.RefusalReason.Retry;
import dev.tokenbroker.edges.edge.RefusalText;
import io.vertx.core.buffer.Buffer;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The problem details of a failed request (RFC 9457).
 *
 * @param status the HTTP status
 * @param detail what to do, in a sentence; must not quote the request or an exception
 * @param headers the headers beyond those of every response: a challenge, or when to retry
 * @param reason of the refusal, an extension member; empty if the caller must not learn it
 */
public record ProblemDetails(
    Response.StatusType status, String detail, Map<String, String> headers, String reason) {

  public static final String MEDIA_TYPE = "application/problem+json";

  public ProblemDetails(Response.StatusType status, String detail) {
    this(status, detail, Map.of(), "");
  }

  /**
   * A response 401 with a challenge. The challenge says {@code invalid_token} if the caller
   * presented a token (RFC 6750 sections 3, 3.1).
   *
   * @param authorization the header of that name, empty if there is none
   * @param told what the caller presented; empty where it is not told
   */
  static ProblemDetails unauthenticated(String authorization, String told) {
    return new ProblemDetails(
        Response.Status.UNAUTHORIZED,
        RefusalText.explained(
            RefusalReason.CALLER_UNAUTHENTICATED,
            told
                + "Present an access token that this broker minted for the audience token-broker"
                + " with the scope operate."),
        Map.of(HttpHeaders.WWW_AUTHENTICATE, Challenge.unauthenticated(authorization)),
        "");
  }

  /**
   * The response to a caller that is no operator. It names an error of the proof of possession (RFC
   * 9449 sections 7.1, 9). If the broker cannot decide now, the response says when to retry. Any
   * other refusal is {@link #unauthenticated}, so it tells the caller nothing else.
   */
  public static ProblemDetails ofCaller(Refusal refusal, String authorization) {
    RefusalReason reason = refusal.reason();
    TokenError error = RefusalResponse.error(reason, GrantType.TOKEN_EXCHANGE);
    String detail = RefusalText.of(refusal, "");
    if (RefusalResponse.isOfProof(error)) {
      return new ProblemDetails(
          Response.Status.UNAUTHORIZED,
          detail,
          Map.of(HttpHeaders.WWW_AUTHENTICATE, Challenge.with(error, detail, authorization)),
          reason.name());
    }
    return reason.retry() == Retry.LATER
        ? new ProblemDetails(
            Response.Status.fromStatusCode(error.status()),
            detail,
            RefusalResponse.headers(refusal),
            reason.name())
        : unauthenticated(authorization, refusal.told());
  }

  /** The same response for a route of Vert.x. */
  public TokenAnswer routeAnswer() {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
    return new TokenAnswer(status.getStatusCode(), all, Buffer.buffer(body()));
  }

  private byte[] body() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "about:blank");
    members.put("title", status.getReasonPhrase());
    members.put("status", status.getStatusCode());
    members.put("detail", detail);
    JsonBytes.putUnlessEmpty(members, "reason", reason);
    return JsonBytes.of(members);
  }

  /** The HTTP response, which caches must not store. */
  public Response answer() {
    Response.ResponseBuilder answer =
        Response.status(status)
            .entity(body())
            .header(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
            .header(HttpHeaders.CACHE_CONTROL, "no-store");
    headers.forEach(answer::header);
    return answer.build();
  }
}
