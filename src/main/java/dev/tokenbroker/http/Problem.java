package dev.tokenbroker.http;

import dev.tokenbroker.token.JsonBytes;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why a request got nothing, for HTTP clients (RFC 9457).
 *
 * @param status the HTTP status
 * @param detail what to do, in a sentence; never anything of the request or of an exception
 */
record Problem(Response.StatusType status, String detail) {

  static final String MEDIA_TYPE = "application/problem+json";

  /** The challenge goes along with 401, as RFC 6750 section 3 demands. */
  static Problem unauthenticated() {
    return new Problem(
        Response.Status.UNAUTHORIZED,
        "Present an access token that this broker minted for the audience token-broker with the"
            + " scope operate.");
  }

  /** The answer, not to be stored by caches. */
  Response answer() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "about:blank");
    members.put("title", status.getReasonPhrase());
    members.put("status", status.getStatusCode());
    members.put("detail", detail);
    Response.ResponseBuilder answer =
        Response.status(status)
            .entity(JsonBytes.of(members))
            .header(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
            .header(HttpHeaders.CACHE_CONTROL, "no-store");
    if (status.getStatusCode() == Response.Status.UNAUTHORIZED.getStatusCode()) {
      answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"token-broker\"");
    }
    return answer.build();
  }
}
