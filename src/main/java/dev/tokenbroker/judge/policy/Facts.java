package dev.tokenbroker.judge.policy;

import dev.cel.runtime.CelVariableResolver;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The input of an expression: the claims of the verified credential, the name of its issuer in the
 * document, its subject, and the requested audience.
 */
record Facts(String issuerName, String subject, String audience, Map<String, Object> claims)
    implements CelVariableResolver {

  static final String CLAIMS = "claims";
  static final String ISSUER = "issuer";
  static final String SUBJECT = "subject";
  static final String AUDIENCE = "audience";

  static Facts of(VerifiedIdentity identity, String audience) {
    return new Facts(identity.issuer().name(), identity.subject(), audience, identity.claims());
  }

  /** The value of a variable that {@link Expressions} declares. CEL would copy a map of them. */
  @Override
  public Optional<Object> find(String variable) {
    return switch (variable) {
      case CLAIMS -> Optional.of(claims);
      case ISSUER -> Optional.of(issuerName);
      case SUBJECT -> Optional.of(subject);
      case AUDIENCE -> Optional.of(audience);
      default -> Optional.empty();
    };
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
