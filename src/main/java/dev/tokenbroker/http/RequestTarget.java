package dev.tokenbroker.http;

import dev.tokenbroker.door.FirstLook;
import dev.tokenbroker.door.TargetLength;
import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import java.util.Set;

/**
 * Sends away requests that do not say by one host and a path what they are for (RFC 9110 section
 * 7.1, RFC 9112 section 3.2), or at too great {@linkplain TargetLength length}. What the router
 * below makes of them is an answer and a stack trace in the log, some with all of the query, which
 * anybody could fill it with.
 */
@Singleton
final class RequestTarget implements FirstLook {

  private static final String NO_HOST = "Name one host, in one header Host or as :authority.";
  private static final String NO_PATH = "Name a path that begins with a slash.";
  private static final String TOO_LONG =
      "Ask by at most %d characters, of which no more than %d are escaped."
          .formatted(TargetLength.MOST, TargetLength.MOST_ESCAPED);

  private final TokenReplies replies;

  RequestTarget(TokenReplies replies) {
    this.replies = replies;
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.OTHER);
  }

  @Override
  public boolean mayAnswer() {
    return true;
  }

  @Override
  public boolean passes(RoutingContext call) {
    if (TargetLength.isTooMuch(call.request())) {
      refuse(call, TokenError.TARGET_TOO_LONG, TOO_LONG);
      return false;
    }
    Optional<String> problem = problem(call);
    problem.ifPresent(description -> refuse(call, TokenError.INVALID_REQUEST, description));
    return problem.isEmpty();
  }

  private static Optional<String> problem(RoutingContext call) {
    if (!namesOneHost(call)) {
      return Optional.of(NO_HOST);
    }
    return namesPath(call) ? Optional.empty() : Optional.of(NO_PATH);
  }

  /** Whether it names none is known to the router, which then has failed it. */
  private static boolean namesOneHost(RoutingContext call) {
    HttpServerRequest request = call.request();
    boolean namesNone =
        call.failed() && request.version() != HttpVersion.HTTP_1_0 && request.authority() == null;
    boolean namesMore =
        request.version() == HttpVersion.HTTP_1_1
            && request.headers().getAll(HttpHeaders.HOST).size() > 1;
    return !namesNone && !namesMore;
  }

  /** One that begins otherwise is found nowhere, which leaves nothing in the log. */
  private static boolean namesPath(RoutingContext call) {
    String path = call.request().path();
    return path != null && !path.isEmpty();
  }

  private void refuse(RoutingContext call, TokenError error, String description) {
    replies
        .to(call)
        .early(RefusalResponse.unread(error, RefusalReason.REQUEST_INVALID, description));
  }
}
