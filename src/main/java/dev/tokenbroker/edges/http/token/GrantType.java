package dev.tokenbroker.edges.http.token;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The grant types of the token endpoint. All lead to the same exchange. */
enum GrantType {
  /** The credential is exchanged (RFC 8693 section 2.1). */
  TOKEN_EXCHANGE(
      "urn:ietf:params:oauth:grant-type:token-exchange",
      "subject_token",
      TokenError.INVALID_REQUEST),
  /** The credential is an assertion (RFC 7523 section 2.1). */
  JWT_BEARER("urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", TokenError.INVALID_GRANT),
  /** The credential is the assertion of a client that acts for itself (RFC 7523 section 2.2). */
  CLIENT_CREDENTIALS("client_credentials", ClientReader.ASSERTION, TokenError.INVALID_CLIENT);

  private final String uri;
  private final String credentialParameter;
  private final TokenError credentialError;

  GrantType(String uri, String credentialParameter, TokenError credentialError) {
    this.uri = uri;
    this.credentialParameter = credentialParameter;
    this.credentialError = credentialError;
  }

  static Optional<GrantType> of(String uri) {
    return Arrays.stream(values()).filter(type -> type.uri.equals(uri)).findFirst();
  }

  /** All values of {@code grant_type}, for the metadata. */
  static List<String> uris() {
    return Arrays.stream(values()).map(type -> type.uri).toList();
  }

  /** The parameter that holds the credential. */
  String credentialParameter() {
    return credentialParameter;
  }

  /**
   * The error code for a credential that is not accepted: {@code invalid_request} (RFC 8693 section
   * 2.2.2), {@code invalid_grant} (RFC 7523 section 3.1) or {@code invalid_client} (section 3.2).
   */
  TokenError credentialError() {
    return credentialError;
  }

  /** The error code for a request without a credential. */
  TokenError missingCredentialError() {
    return this == CLIENT_CREDENTIALS ? TokenError.INVALID_CLIENT : TokenError.INVALID_REQUEST;
  }
}
