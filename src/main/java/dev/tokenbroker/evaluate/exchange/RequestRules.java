package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.CheckedRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.ProvedKeys;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules for a request, checked before its credential is read (RFC 8693 section 2.1), the same
 * for every edge.
 *
 * <p>Bounds: audience at most {@value #MAX_AUDIENCE_CHARS} characters; at most {@value #MAX_SCOPES}
 * scopes of at most {@value #MAX_SCOPE_CHARS} characters, each a {@code scope-token} of RFC 6749
 * section 3.3; lifetime at least one second, in whole seconds.
 */
public final class RequestRules {

  static final String DEFAULT_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:jwt";

  private static final int MAX_AUDIENCE_CHARS = 512;
  private static final int MAX_SCOPES = 64;
  private static final int MAX_SCOPE_CHARS = 256;
  private static final Pattern SCOPE_TOKEN =
      Pattern.compile("[!#-\\[\\]-~]{1," + MAX_SCOPE_CHARS + "}");
  private static final Duration MIN_LIFETIME = Duration.ofSeconds(1);

  static final FieldViolation NO_AUDIENCE =
      new FieldViolation("audience", "must name the target that the token is for");

  private RequestRules() {}

  /**
   * Checks a request. Refusals are at step {@code REQUEST}: {@code FEDERATION_NOT_LOADED}, {@code
   * ACTOR_NOT_SUPPORTED}, {@code REQUEST_INVALID} or {@code CREDENTIAL_TYPE_NOT_SUPPORTED}.
   *
   * @param federation the current one; null if none is loaded
   * @param accepts whether there is a verifier for credentials of that token type
   */
  public static Outcome<CheckedRequest> check(
      ExchangeRequest request, @Nullable Federation federation, Predicate<String> accepts) {
    if (federation == null) {
      return Outcome.refused(Refusal.of(RefusalReason.FEDERATION_NOT_LOADED));
    }
    if (request.actor()) {
      return Outcome.refused(Refusal.of(RefusalReason.ACTOR_NOT_SUPPORTED));
    }
    List<FieldViolation> violations = violations(request, federation.policy().hasDefaults());
    if (!violations.isEmpty()) {
      return Outcome.refused(Refusal.ofRequest(violations));
    }
    String type =
        request.subjectTokenType().isEmpty() ? DEFAULT_TOKEN_TYPE : request.subjectTokenType();
    if (!accepts.test(type)) {
      return Outcome.refused(Refusal.of(RefusalReason.CREDENTIAL_TYPE_NOT_SUPPORTED).seen(type));
    }
    return Outcome.accepted(
        new CheckedRequest(
            new PresentedCredential(type, request.subjectToken()),
            request.client().byCredential()
                ? federation.issuers()
                : federation.issuers().declared(),
            new GrantRequest(
                    request.audience(),
                    Set.copyOf(request.scopes()),
                    wholeSeconds(request.lifetime()))
                .of(request.kind()),
            ProvedKeys.NONE,
            federation,
            null));
  }

  private static @Nullable Duration wholeSeconds(@Nullable Duration lifetime) {
    return lifetime == null ? null : lifetime.truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * All problems in the shape of a request, beginning with those that its edge found; empty if
   * there are none.
   *
   * @param defaults whether an issuer has a default target: then a request without one is refused
   *     only after verification, so that its sender does not learn of which issuer
   */
  private static List<FieldViolation> violations(ExchangeRequest request, boolean defaults) {
    List<FieldViolation> violations = new ArrayList<>(request.misread());
    if (request.audience().isEmpty()) {
      if (!defaults) {
        violations.add(NO_AUDIENCE);
      }
    } else if (request.audience().length() > MAX_AUDIENCE_CHARS) {
      violations.add(
          new FieldViolation(
              "audience", "must have at most " + MAX_AUDIENCE_CHARS + " characters"));
    }
    if (request.subjectToken().isEmpty()) {
      violations.add(new FieldViolation("subject_token", "must hold the credential"));
    }
    Duration lifetime = request.lifetime();
    if (lifetime != null && lifetime.compareTo(MIN_LIFETIME) < 0) {
      violations.add(new FieldViolation("lifetime", "must be at least one second"));
    }
    addScopeViolations(request.scopes(), violations);
    return violations;
  }

  private static void addScopeViolations(List<String> scopes, List<FieldViolation> violations) {
    if (scopes.size() > MAX_SCOPES) {
      violations.add(new FieldViolation("scopes", "must be at most " + MAX_SCOPES));
      return;
    }
    for (int at = 0; at < scopes.size(); at++) {
      if (!SCOPE_TOKEN.matcher(scopes.get(at)).matches()) {
        violations.add(
            new FieldViolation(
                "scopes[" + at + "]",
                "must be a scope-token of RFC 6749 section 3.3 with at most "
                    + MAX_SCOPE_CHARS
                    + " characters"));
      }
    }
  }
}
