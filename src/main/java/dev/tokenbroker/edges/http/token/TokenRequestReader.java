package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.target.ResourceIndicator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request from a form (RFC 8693 section 2.1, RFC 7523 sections 2.1, 2.2) and collects all
 * its errors. It does not check the credential. One instance reads one form.
 *
 * <p>The query of the address may name the target, for clients that know nothing but an address
 * (RFC 6749 section 3.2). It may hold nothing else: addresses are logged.
 *
 * <p>{@link ClientReader} reads how the client authenticates.
 */
final class TokenRequestReader {

  static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
  private static final String AUDIENCE = "audience";
  private static final String RESOURCE = "resource";
  private static final Set<String> TARGETS = Set.of(AUDIENCE, RESOURCE);

  /** The JWT of RFC 7523, and the one that SPIFFE issues; the broker judges both alike. */
  private static final Set<String> ASSERTION_TYPES =
      Set.of(
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");

  private static final Set<String> KNOWN =
      Set.of(
          """
          grant_type subject_token subject_token_type actor_token actor_token_type assertion scope
          requested_token_type client_id client_secret client_assertion client_assertion_type
          audience resource"""
              .split("\\s+", -1));

  /** Parameters that may be given several times (RFC 8693 section 2.1, RFC 6749 section 3.2). */
  private static final Set<String> REPEATABLE = TARGETS;

  private final FormParameters form;
  private final FormParameters query;
  private final List<FieldViolation> violations = new ArrayList<>();
  private @Nullable TokenError firstError;

  private TokenRequestReader(FormParameters form, FormParameters query) {
    this.form = form;
    this.query = query;
  }

  /** The request, or the refusal {@code REQUEST_INVALID} if form or query cannot be parsed. */
  static Outcome<TokenRequest> read(ReceivedForm form) {
    return FormParameters.parseQuery(form.query(), TARGETS)
        .then(
            query ->
                FormParameters.parse(form.body().getBytes(), KNOWN)
                    .map(parameters -> new TokenRequestReader(parameters, query).request(form)));
  }

  /** Whether a query names the target, if anything, and nothing else. */
  static boolean isTarget(String query) {
    return FormParameters.parseQuery(query, TARGETS) instanceof Outcome.Accepted<FormParameters>;
  }

  private TokenRequest request(ReceivedForm received) {
    refuseRepetitions();
    GrantType grant = grant();
    PresentedClient client =
        new ClientReader(form, received.authorization(), this::wrong)
            .client(grant == GrantType.CLIENT_CREDENTIALS);
    String type = grant == GrantType.TOKEN_EXCHANGE ? credentialType() : JWT;
    if (grant == GrantType.CLIENT_CREDENTIALS) {
      checkAssertionType();
    }
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
    String challengeScheme =
        received.authorization().isEmpty()
            ? ""
            : Challenge.scheme(received.authorization()).orElse("Basic");
    return new TokenRequest(exchange, grant, wantsJwt, misreadAs, challengeScheme);
  }

  // The other grants have no actor, and must ignore unknown parameters (RFC 6749 section 3.2).
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

  private void checkAssertionType() {
    boolean asserts = form.has(ClientReader.ASSERTION) || form.has(ClientReader.ASSERTION_TYPE);
    if (asserts && !ASSERTION_TYPES.contains(form.first(ClientReader.ASSERTION_TYPE))) {
      wrong(
          TokenError.INVALID_CLIENT,
          ClientReader.ASSERTION_TYPE,
          "must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    }
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

  /** The one target, named as audience or as resource, in the form or in the query. */
  private String target() {
    if (!Stream.of(form, query)
        .flatMap(named -> named.all(RESOURCE).stream())
        .allMatch(ResourceIndicator::isWellFormed)) {
      wrong(TokenError.INVALID_TARGET, RESOURCE, "must be an absolute URI without fragment");
    }
    Set<String> targets = targets(form);
    Set<String> inQuery = targets(query);
    if (!targets.isEmpty() && !inQuery.isEmpty() && !targets.equals(inQuery)) {
      wrong(
          TokenError.INVALID_TARGET,
          AUDIENCE,
          "must name the same target in the query of the address as in the form");
      return "";
    }
    targets.addAll(inQuery);
    if (targets.size() > 1) {
      wrong(
          TokenError.INVALID_TARGET,
          AUDIENCE,
          "must name one target, and resource must name the same target");
    }
    return targets.isEmpty() ? "" : targets.iterator().next();
  }

  private static Set<String> targets(FormParameters parameters) {
    Set<String> targets = new LinkedHashSet<>(parameters.all(AUDIENCE));
    targets.addAll(parameters.all(RESOURCE));
    return targets;
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
