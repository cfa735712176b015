package dev.tokenbroker.policy;

import dev.tokenbroker.credential.VerifiedIdentity;
import java.util.HashMap;
import java.util.Map;

/**
 * What an expression may read: the claims of the verified credential, the name of its issuer in the
 * document, its subject, and the audience asked for.
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

  /** Had the credential another {@code sub}: only ever used for hints. */
  Facts supposing(String otherSubject) {
    Map<String, Object> otherClaims = new HashMap<>(claims);
    otherClaims.put("sub", otherSubject);
    return new Facts(issuerName, otherSubject, audience, otherClaims);
  }

  /** Had it asked for another target: only ever used for hints. */
  Facts askingFor(String otherAudience) {
    return new Facts(issuerName, subject, otherAudience, claims);
  }
}
