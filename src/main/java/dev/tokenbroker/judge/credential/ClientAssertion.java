package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The rules for an assertion that a client signs itself (RFC 7523 section 3), beside those for
 * every credential. The assertion is about the client, for this broker alone, short-lived, and has
 * an id.
 */
final class ClientAssertion {

  private ClientAssertion() {}

  /**
   * Returns the refusal of the first broken rule; empty if none is broken, or if the issuer is no
   * client. The reason is {@code CREDENTIAL_MALFORMED}, {@code CLAIM_MISSING} or {@code
   * AUDIENCE_MISMATCH}.
   */
  static Optional<Refusal> refusal(UnverifiedJwt jwt, TrustedIssuer issuer) {
    return issuer.client() ? broken(jwt, issuer) : Optional.empty();
  }

  private static Optional<Refusal> broken(UnverifiedJwt jwt, TrustedIssuer client) {
    RegisteredClaims claims = jwt.registered();
    Instant issueTime = claims.issueTime();
    if (!claims.subject().equals(claims.issuer())) {
      return malformed("sub equal to iss, the name of the client", "sub " + claims.subject());
    }
    if (!(jwt.claims().get("jti") instanceof String id) || id.isBlank()) {
      return missing("jti");
    }
    if (issueTime == null) {
      return missing("iat");
    }
    if (claims.expireTime().isAfter(issueTime.plus(TrustedIssuer.MAX_ASSERTION_LIFE))) {
      return malformed(
          "exp at most " + TrustedIssuer.MAX_ASSERTION_LIFE.toSeconds() + " s after iat",
          TimeRules.seconds(Duration.between(issueTime, claims.expireTime())));
    }
    return client.audiences().containsAll(claims.audiences())
        ? Optional.empty()
        : Optional.of(
            AudienceRule.mismatch(claims.audiences(), List.of(client))
                .hint("The assertion of a client may name no other audience."));
  }

  private static Optional<Refusal> malformed(String expected, String seen) {
    return Optional.of(
        Refusal.of(RefusalReason.CREDENTIAL_MALFORMED)
            .expected("in the assertion of a client " + expected)
            .seen(seen));
  }

  private static Optional<Refusal> missing(String claim) {
    return Optional.of(
        Refusal.of(RefusalReason.CLAIM_MISSING)
            .expected("in the assertion of a client the claim " + claim)
            .seen("no " + claim));
  }
}
