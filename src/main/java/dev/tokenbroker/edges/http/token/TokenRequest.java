package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;

/**
 * A request to the token endpoint, as read from its form.
 *
 * @param exchange the request, with the errors of its form
 * @param grant the grant type; token exchange if it is missing or unknown
 * @param wantsJwt whether the caller requests a token of the type {@code jwt}
 * @param misreadAs the error code of the first error of the form
 * @param challengeScheme the scheme of the challenge to a client that used the header {@code
 *     Authorization} (RFC 6749 section 5.2); empty for any other
 */
record TokenRequest(
    ExchangeRequest exchange,
    GrantType grant,
    boolean wantsJwt,
    TokenError misreadAs,
    String challengeScheme) {

  /** The error code of a malformed request, from its first violation. */
  TokenError shapeError(FieldViolation first) {
    if (!exchange.misread().isEmpty()) {
      return misreadAs;
    }
    if (first.field().equals("subject_token")) {
      return grant.missingCredentialError();
    }
    return isOfScopes(first.field()) ? TokenError.INVALID_SCOPE : TokenError.INVALID_REQUEST;
  }

  /** A violation as a sentence that begins with the name of the form's parameter. */
  String sentence(FieldViolation violation) {
    String field = violation.field();
    // The errors of the form already name the parameter.
    String parameter = exchange.misread().contains(violation) ? field : parameter(field);
    return parameter + " " + violation.description() + ".";
  }

  private String parameter(String field) {
    if (isOfScopes(field)) {
      return "scope";
    }
    return field.equals("subject_token") ? grant.credentialParameter() : field;
  }

  private static boolean isOfScopes(String field) {
    return field.startsWith("scopes");
  }
}
