package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.RefreshPoint;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A response of the token endpoint: a token (RFC 6749 section 5.1, RFC 8693 section 2.2.1) or an
 * error ({@link RefusalResponse}). Introspection and revocation use it, too ({@link
 * LifecycleAnswer}).
 *
 * <p>May hold a token, so {@link #toString} shows no body.
 *
 * @param status the HTTP status
 * @param headers the headers beyond those of every response
 * @param body JSON, or empty
 */
public record TokenAnswer(int status, Map<String, String> headers, Buffer body) {

  /** The header with the verdict's id, for gateways that drop the body. */
  static final String VERDICT_ID = "Verdict-Id";

  /** The syntax of a signed JWT in compact serialisation (RFC 7515 section 7.1). */
  private static final Pattern JWT_FORM =
      Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

  private static final Duration LINGER = Duration.ofSeconds(1);

  /**
   * The response with a token. {@code expires_in} is rounded down. {@code refresh_in} is the number
   * of seconds until the caller should request the next token.
   */
  static TokenAnswer issued(
      IssuedToken token,
      TokenRequest request,
      Verdict verdict,
      Instant now,
      RandomGenerator random) {
    Instant refreshTime = RefreshPoint.refreshTime(token, verdict.evaluationTime(), random);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("access_token", token.value());
    members.put("issued_token_type", type(token, request));
    members.put("token_type", token.tokenTypeLabel());
    members.put("expires_in", secondsUntil(token.expireTime(), now));
    // An omitted scope would mean all requested scopes (RFC 6749 section 5.1), even if none is
    // granted.
    if (!token.scopes().isEmpty() || !request.exchange().scopes().isEmpty()) {
      members.put("scope", String.join(" ", token.scopes()));
    }
    members.put("refresh_in", secondsUntil(refreshTime, now));
    members.put("verdict_id", verdict.id());
    Map<String, String> headers = Map.of(VERDICT_ID, verdict.id());
    return new TokenAnswer(200, headers, Buffer.buffer(JsonBytes.of(members)));
  }

  /** The type of a token. The token of an upstream need not be a JWT. */
  private static String type(IssuedToken token, TokenRequest request) {
    return request.wantsJwt() && JWT_FORM.matcher(token.value()).matches()
        ? TokenRequestReader.JWT
        : token.issuedTokenType();
  }

  private static long secondsUntil(Instant end, Instant now) {
    return Math.max(0, Duration.between(now, end).toSeconds());
  }

  /**
   * Writes the response on the event loop of the request. Does nothing if the request has a
   * response or the client is gone.
   */
  public void send(RoutingContext call) {
    if (!isOver(call)) {
      write(call.response());
    }
  }

  /**
   * Writes the response to a request that may still be arriving, and closes the connection. Before
   * the close, the broker discards what the client still sends, for up to 1 s. Otherwise a client
   * that is still sending may never read the response.
   */
  public void sendLast(RoutingContext call) {
    if (isOver(call)) {
      return;
    }
    call.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    write(call.response());
    HttpServerRequest request = call.request();
    if (request.isEnded()) {
      close(request);
    } else {
      call.vertx().setTimer(LINGER.toMillis(), _ -> close(request));
      request.handler(_ -> {}).endHandler(_ -> close(request)).resume();
    }
  }

  /** The same response with these headers, too. */
  TokenAnswer with(Map<String, String> others) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.putAll(others);
    return new TokenAnswer(status, more, body);
  }

  private static boolean isOver(RoutingContext call) {
    return call.response().closed() || call.response().ended();
  }

  private void write(HttpServerResponse response) {
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("Pragma", "no-cache");
    if (body.length() > 0) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    }
    headers.forEach(response::putHeader);
    response.end(body);
  }

  private static void close(HttpServerRequest request) {
    request.connection().close();
  }

  @Override
  public String toString() {
    return "TokenAnswer[status=" + status + "]";
  }
}
