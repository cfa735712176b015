package dev.tokenbroker.edges.http.token;

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
   * The only media type that is accepted. Its encoding is UTF-8 (RFC 6749 appendix B). It defines
   * no parameters, so a parameter from a client has no meaning.
   */
  private static final Pattern FORM =
      Pattern.compile("application/x-www-form-urlencoded\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

  private static final String IDENTITY = "identity";

  private FormHead() {}

  /** Checks a request before its body is read; empty if its head is acceptable. */
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
    // Accept-Encoding names the coding to send instead (RFC 9110 section 15.5.16).
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

  /**
   * Whether the body has a content coding. Several headers may share the list (RFC 9110 section
   * 8.4).
   */
  private static boolean isCompressed(HttpServerRequest request) {
    return request.headers().getAll(HttpHeaders.CONTENT_ENCODING).stream()
        .flatMap(codings -> Arrays.stream(codings.split(",", -1)))
        .anyMatch(coding -> !coding.strip().equalsIgnoreCase(IDENTITY));
  }

  private static Optional<TokenAnswer> refused(
      TokenError error, String description, Map<String, String> headers) {
    return Optional.of(RefusalResponse.unread(error, description).with(headers));
  }
}
