package dev.tokenbroker.http;

import dev.tokenbroker.exchange.ExchangeRequest;
import dev.tokenbroker.exchange.FieldViolation;
import java.util.List;

/**
 * A request to the token endpoint as it was read.
 *
 * @param exchange what is asked, with what was found wrong in reading it
 * @param grant how it is spelt; that of a token exchange where it cannot be told
 * @param wantsJwt whether the token is asked for by the type {@code jwt}
 * @param misreadAs the error of the first thing that was found wrong in reading it
 * @param challengeScheme the scheme by which the client authenticates, where it does (RFC 6749
 *     section 5.2)
 */
record TokenRequest(
    ExchangeRequest exchange,
    GrantType grant,
    boolean wantsJwt,
    TokenError misreadAs,
    String challengeScheme) {

  /** The error of a request that is not well-formed. */
  TokenError shapeError(List<FieldViolation> violations) {
    if (!exchange.misread().isEmpty()) {
      return misreadAs;
    }
    return violations.stream().findFirst().filter(first -> isOfScopes(first.field())).isPresent()
        ? TokenError.INVALID_SCOPE
        : TokenError.INVALID_REQUEST;
  }

  /** What is wrong, by the name of the parameter, which what was misread has already. */
  String sentence(FieldViolation violation) {
    String field = violation.field();
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
