package dev.tokenbroker.judge.policy;

import dev.tokenbroker.judge.credential.VerifiedIdentity;
import java.util.HashMap;
import java.util.Map;

/**
 * The input of an expression: the claims of the verified credential, the name of its issuer in the
 * document, its subject, and the requested audience.
 */
record Facts(String issuerName, String subject, String audience, Map<String, Object> claims) {

  static final String CLAIMS = "claims";
  static final String ISSUER = "issuer";
  static final String SUBJECT = "subject";
  static final String AUDIENCE = "audience";

  static Facts of(VerifiedIdentity identity, String audience) {
    return new Facts(identity.issuer().name(), identity.subject(), audience, identity.claims());
  }

  /** The values of the variables that {@link Expressions} declares. */
  Map<String, Object> variables() {
    return Map.of(CLAIMS, claims, ISSUER, issuerName, SUBJECT, subject, AUDIENCE, audience);
  }

  /** The facts with another {@code sub}: only for hints. */
  Facts supposing(String otherSubject) {
    Map<String, Object> otherClaims = new HashMap<>(claims);
    otherClaims.put("sub", otherSubject);
    return new Facts(issuerName, otherSubject, audience, otherClaims);
  }

  /** The facts with another requested target: only for hints. */
  Facts askingFor(String otherAudience) {
    return new Facts(issuerName, subject, otherAudience, claims);
  }
}
