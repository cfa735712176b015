package dev.tokenbroker.judge.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A proof that a trusted issuer signed these claims and that they are current. Only a {@link
 * JwtVerifier} creates one. The audience is not checked, so this proof grants no access.
 *
 * <p>Deeply immutable.
 */
public final class AuthenticJwt {

  private final String type;
  private final RegisteredClaims registered;
  private final Map<String, Object> claims;

  AuthenticJwt(String type, RegisteredClaims registered, Map<String, Object> claims) {
    this.type = type;
    this.registered = registered;
    this.claims = claims;
  }

  /** The {@code typ} in lower case; empty if the JWT has none. */
  public String type() {
    return type;
  }

  /** The {@code iss} claim. */
  public String issuer() {
    return registered.issuer();
  }

  /** The {@code sub} claim. */
  public String subject() {
    return registered.subject();
  }

  /** The values of the {@code aud} claim; at least one. */
  public List<String> audiences() {
    return registered.audiences();
  }

  /** The {@code exp} claim. It may be in the past by less than the issuer's leeway. */
  public Instant expireTime() {
    return registered.expireTime();
  }

  /** The {@code nbf} claim. It may be in the future by the issuer's leeway; null if absent. */
  public @Nullable Instant notBefore() {
    return registered.notBefore();
  }

  /** The {@code iat} claim. It may be in the future by the issuer's leeway; null if absent. */
  public @Nullable Instant issueTime() {
    return registered.issueTime();
  }

  /** All claims, in the types of {@link VerifiedIdentity#claims()}. */
  public Map<String, Object> claims() {
    return claims;
  }

  @Override
  public String toString() {
    return "AuthenticJwt[issuer=" + issuer() + ", expireTime=" + expireTime() + "]";
  }
}
