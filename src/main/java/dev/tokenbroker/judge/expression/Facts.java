package dev.tokenbroker.judge.expression;

import dev.cel.runtime.CelVariableResolver;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The input of an expression: the claims of the verified credential, the name of its issuer in the
 * document, its subject, the requested audience, and the client.
 *
 * @param client the name of the client that presents the credential; null if none has proved
 *     itself. An expression that reads it then lacks it, as it lacks a missing claim
 */
public record Facts(
    String issuerName,
    String subject,
    String audience,
    @Nullable String client,
    Map<String, Object> claims)
    implements CelVariableResolver {

  static final String CLAIMS = "claims";
  static final String ISSUER = "issuer";
  static final String SUBJECT = "subject";
  static final String AUDIENCE = "audience";
  static final String CLIENT = "client";

  public static Facts of(VerifiedIdentity identity, String audience, @Nullable String client) {
    return new Facts(
        identity.issuer().name(), identity.subject(), audience, client, identity.claims());
  }

  /** The value of a variable that {@link Expressions} declares. CEL would copy a map of them. */
  @Override
  public Optional<Object> find(String variable) {
    return switch (variable) {
      case CLAIMS -> Optional.of(claims);
      case ISSUER -> Optional.of(issuerName);
      case SUBJECT -> Optional.of(subject);
      case AUDIENCE -> Optional.of(audience);
      case CLIENT -> Optional.ofNullable(client);
      default -> Optional.empty();
    };
  }

  /** The subject of a token for which a rule has no expression. */
  public String ownSubject() {
    return issuerName.startsWith(TrustedIssuer.CLIENT_PREFIX) ? issuerName : subject;
  }

  /** The facts with that client. */
  Facts by(String known) {
    return new Facts(issuerName, subject, audience, known, claims);
  }

  /** The facts with another {@code sub}: only for hints. */
  public Facts supposing(String otherSubject) {
    Map<String, Object> otherClaims = new HashMap<>(claims);
    otherClaims.put("sub", otherSubject);
    return new Facts(issuerName, otherSubject, audience, client, otherClaims);
  }

  /** The facts with another requested target: only for hints. */
  public Facts askingFor(String otherAudience) {
    return new Facts(issuerName, subject, otherAudience, client, claims);
  }
}
