package dev.tokenbroker.edges.http;

import dev.tokenbroker.base.outcome.FieldViolation;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.exchange.ExchangeRequest;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.policy.ResourceIndicator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request from a form (RFC 8693 section 2.1, RFC 7523 section 2.1) and collects all its
 * errors. It does not check the credential. One instance reads one form.
 *
 * <p>{@link ClientReader} reads how the client authenticates.
 */
final class TokenRequestReader {

  static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
  private static final String AUDIENCE = "audience";
  private static final String RESOURCE = "resource";

  private static final Set<String> KNOWN =
      Set.of(
          """
          grant_type subject_token subject_token_type actor_token actor_token_type assertion scope
          requested_token_type client_id client_secret client_assertion client_assertion_type
          audience resource"""
              .split("\\s+", -1));

  /** Parameters that may be given several times (RFC 8693 section 2.1, RFC 6749 section 3.2). */
  private static final Set<String> REPEATABLE = Set.of(AUDIENCE, RESOURCE);

  private final FormParameters form;
  private final List<FieldViolation> violations = new ArrayList<>();
  private @Nullable TokenError firstError;

  private TokenRequestReader(FormParameters form) {
    this.form = form;
  }

  /** The request, or the refusal {@code REQUEST_INVALID} if the form cannot be parsed. */
  static Outcome<TokenRequest> read(ReceivedForm form) {
    return FormParameters.parse(form.body().getBytes(), KNOWN)
        .map(parameters -> new TokenRequestReader(parameters).request(form));
  }

  private TokenRequest request(ReceivedForm received) {
    refuseRepetitions();
    GrantType grant = grant();
    PresentedClient client =
        new ClientReader(form, received.authorization(), this::wrong).client(false);
    String type = grant == GrantType.JWT_BEARER ? JWT : credentialType();
    boolean wantsJwt = wantsJwt();
    ExchangeRequest exchange =
        new ExchangeRequest(
            target(),
            form.first(grant.credentialParameter()),
            type,
            scopes(),
            null,
            grant == GrantType.TOKEN_EXCHANGE && hasActor(),
            ReceivedForm.EDGE,
            received.peer(),
            received.keys(),
            client,
            List.copyOf(violations));
    TokenError misreadAs = firstError == null ? TokenError.INVALID_REQUEST : firstError;
    String challengeScheme = Challenge.scheme(received.authorization()).orElse("Basic");
    return new TokenRequest(exchange, grant, wantsJwt, misreadAs, challengeScheme);
  }

  // The JWT bearer grant has no actor, and must ignore unknown parameters (RFC 6749 section 3.2).
  private boolean hasActor() {
    return form.has("actor_token") || form.has("actor_token_type");
  }

  private void refuseRepetitions() {
    KNOWN.stream()
        .filter(name -> !REPEATABLE.contains(name) && form.all(name).size() > 1)
        .sorted()
        .forEach(name -> wrong(TokenError.INVALID_REQUEST, name, "must be given once"));
  }

  private GrantType grant() {
    Optional<GrantType> grant = GrantType.of(form.first("grant_type"));
    if (grant.isEmpty()) {
      wrong(
          form.has("grant_type") ? TokenError.UNSUPPORTED_GRANT_TYPE : TokenError.INVALID_REQUEST,
          "grant_type",
          "must be one of " + String.join(", ", GrantType.uris()));
    }
    return grant.orElse(GrantType.TOKEN_EXCHANGE);
  }

  private String credentialType() {
    if (!form.has("subject_token_type")) {
      wrong(
          TokenError.INVALID_REQUEST,
          "subject_token_type",
          "must name the type of the subject token");
    }
    return form.first("subject_token_type");
  }

  // A token that the broker mints is both an access token and a JWT.
  private boolean wantsJwt() {
    String wanted = form.first("requested_token_type");
    if (!wanted.isEmpty() && !wanted.equals(JWT) && !wanted.equals(IssuedToken.ACCESS_TOKEN)) {
      wrong(
          TokenError.INVALID_REQUEST,
          "requested_token_type",
          "must be " + IssuedToken.ACCESS_TOKEN + " or " + JWT);
    }
    return wanted.equals(JWT);
  }

  /** The one target, named as audience, as resource or as both. */
  private String target() {
    if (!form.all(RESOURCE).stream().allMatch(ResourceIndicator::isWellFormed)) {
      wrong(TokenError.INVALID_TARGET, RESOURCE, "must be an absolute URI without fragment");
    }
    Set<String> targets = new LinkedHashSet<>(form.all(AUDIENCE));
    targets.addAll(form.all(RESOURCE));
    if (targets.size() > 1) {
      wrong(
          TokenError.INVALID_TARGET,
          AUDIENCE,
          "must name one target, and resource must name the same target");
    }
    return targets.isEmpty() ? "" : targets.iterator().next();
  }

  // One space between two scopes (RFC 6749 section 3.3): a second space makes an empty scope, which
  // is invalid.
  private List<String> scopes() {
    String scope = form.first("scope");
    return scope.isEmpty() ? List.of() : List.of(scope.split(" ", -1));
  }

  private void wrong(TokenError error, String parameter, String description) {
    if (firstError == null) {
      firstError = error;
    }
    violations.add(new FieldViolation(parameter, description));
  }
}
