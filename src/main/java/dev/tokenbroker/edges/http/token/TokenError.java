package dev.tokenbroker.edges.http.token;

/**
 * The errors of the token endpoint (RFC 6749 section 5.2, RFC 8693 section 2.2.2, RFC 9449), of
 * introspection and of revocation (RFC 6750 section 3.1, RFC 7009 section 2.2.1), each with its
 * HTTP status.
 */
public enum TokenError {
  INVALID_REQUEST(400, "invalid_request"),
  INVALID_CLIENT(401, "invalid_client"),
  INVALID_GRANT(400, "invalid_grant"),
  UNAUTHORIZED_CLIENT(400, "unauthorized_client"),
  UNSUPPORTED_GRANT_TYPE(400, "unsupported_grant_type"),
  INVALID_SCOPE(400, "invalid_scope"),
  INVALID_TARGET(400, "invalid_target"),
  /** RFC 9449 section 5. */
  INVALID_DPOP_PROOF(400, "invalid_dpop_proof"),
  /** RFC 9449 section 8. */
  USE_DPOP_NONCE(400, "use_dpop_nonce"),
  /** The caller has not authenticated. */
  INVALID_TOKEN(401, "invalid_token"),
  INSUFFICIENT_SCOPE(403, "insufficient_scope"),
  UNSUPPORTED_TOKEN_TYPE(400, "unsupported_token_type"),
  /** The broker, or a service that it needs, is unavailable at the moment. */
  UNAVAILABLE(503, "temporarily_unavailable"),
  /** Too many requests for the broker, for an upstream, or from this caller. */
  OVERLOADED(429, "temporarily_unavailable"),
  /** The broker did not finish in time. */
  TOO_LATE(504, "temporarily_unavailable"),
  /** A bug. */
  SERVER_ERROR(500, "server_error"),
  /** Not a POST. */
  WRONG_METHOD(405, "invalid_request"),
  /** The body is no form, or has a content coding. */
  NO_FORM(415, "invalid_request"),
  BODY_TOO_LARGE(413, "invalid_request"),
  TARGET_TOO_LONG(414, "invalid_request"),
  /** An {@code Expect} header other than {@code 100-continue}. */
  EXPECTATION_FAILED(417, "invalid_request"),
  /** The body did not arrive in time. */
  BODY_TOO_SLOW(408, "invalid_request"),
  VERSION_NOT_SUPPORTED(505, "invalid_request"),
  /** A transfer coding other than {@code chunked}. */
  CODING_NOT_SUPPORTED(501, "invalid_request");

  private final int status;
  private final String code;

  TokenError(int status, String code) {
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  /** The value of {@code error}. */
  String code() {
    return code;
  }
}
