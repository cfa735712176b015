package dev.tokenbroker.http;

import dev.tokenbroker.outcome.RefusalReason;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks that the head of a request announces a form. */
final class FormHead {

  /**
   * The one media type that is read. It has no parameters, so a parameter that a client adds has no
   * meaning: the encoding is UTF-8 (RFC 6749 appendix B).
   */
  private static final Pattern FORM =
      Pattern.compile("application/x-www-form-urlencoded\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

  private static final String IDENTITY = "identity";

  private FormHead() {}

  /** Why a request is refused before its body is read; empty if it is not. */
  static Optional<TokenAnswer> refusal(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.POST)) {
      return refused(
          TokenError.WRONG_METHOD,
          "This endpoint supports POST only.",
          Map.of(HttpHeaders.ALLOW, "POST"));
    }
    if (!isForm(request)) {
      return refused(
          TokenError.NO_FORM,
          "Send the parameters as application/x-www-form-urlencoded.",
          Map.of());
    }
    // Accept-Encoding says what to send instead (RFC 9110 section 15.5.16).
    return isCompressed(request)
        ? refused(
            TokenError.NO_FORM,
            "Send the form without a content coding.",
            Map.of(HttpHeaders.ACCEPT_ENCODING, IDENTITY))
        : Optional.empty();
  }

  private static boolean isForm(HttpServerRequest request) {
    List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
    return types.size() == 1 && FORM.matcher(types.getFirst().strip()).matches();
  }

  /** The codings are a list, which may be spread over several headers (RFC 9110 section 8.4). */
  private static boolean isCompressed(HttpServerRequest request) {
    return request.headers().getAll(HttpHeaders.CONTENT_ENCODING).stream()
        .flatMap(codings -> Arrays.stream(codings.split(",", -1)))
        .anyMatch(coding -> !coding.strip().equalsIgnoreCase(IDENTITY));
  }

  private static Optional<TokenAnswer> refused(
      TokenError error, String description, Map<String, String> headers) {
    TokenAnswer refused = RefusalResponse.unread(error, RefusalReason.REQUEST_INVALID, description);
    return Optional.of(new TokenAnswer(refused.status(), headers, refused.body()));
  }
}
