package dev.tokenbroker.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a trusted issuer signed these claims and that they are current: only a {@link
 * JwtVerifier} makes one. For whom they are meant is not judged, so it admits nobody to anything.
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

  /** Its {@code typ} in lower case; empty where it has none. */
  public String type() {
    return type;
  }

  /** Its {@code iss}. */
  public String issuer() {
    return registered.issuer();
  }

  /** Its {@code sub}. */
  public String subject() {
    return registered.subject();
  }

  /** Its {@code aud}: one at least. */
  public List<String> audiences() {
    return registered.audiences();
  }

  /** Its {@code exp}; within the issuer's leeway it may have passed. */
  public Instant expireTime() {
    return registered.expireTime();
  }

  /** Its {@code nbf}, which within the issuer's leeway may not have come; null where none. */
  public @Nullable Instant notBefore() {
    return registered.notBefore();
  }

  /** Its {@code iat}; null where it has none. */
  public @Nullable Instant issueTime() {
    return registered.issueTime();
  }

  /** All claims, as {@link VerifiedIdentity#claims()} has them. */
  public Map<String, Object> claims() {
    return claims;
  }

  @Override
  public String toString() {
    return "AuthenticJwt[issuer=" + issuer() + ", expireTime=" + expireTime() + "]";
  }
}
