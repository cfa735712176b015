package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import java.time.Instant;
import java.util.Map;

/**
 * The proof that a trusted issuer says these claims, that they are current, and that they are meant
 * for this broker: only a {@link CredentialVerifier} makes one.
 *
 * <p>Deeply immutable.
 */
public final class VerifiedIdentity {

  private final TrustedIssuer issuer;
  private final String subject;
  private final Instant expireTime;
  private final Map<String, Object> claims;

  /**
   * @param claims deeply immutable
   */
  VerifiedIdentity(
      TrustedIssuer issuer, String subject, Instant expireTime, Map<String, Object> claims) {
    this.issuer = issuer;
    this.subject = subject;
    this.expireTime = expireTime;
    this.claims = claims;
  }

  /** Who says it. */
  public TrustedIssuer issuer() {
    return issuer;
  }

  /** Its {@code sub}. */
  public String subject() {
    return subject;
  }

  /**
   * All claims, the registered ones among them: {@code String}, {@code Long}, {@code Double},
   * {@code Boolean}, {@code List} and {@code Map}; null members are dropped.
   */
  public Map<String, Object> claims() {
    return claims;
  }

  /** Its {@code exp}; within the issuer's leeway it may have passed. */
  public Instant expireTime() {
    return expireTime;
  }

  /**
   * Where the credential ends, and with it what rests on it: {@code exp}. A credential accepted in
   * its leeway counts as ending at {@code exp} plus leeway.
   */
  public Instant effectiveEnd(Instant now) {
    return expireTime.isAfter(now) ? expireTime : expireTime.plus(issuer.leeway());
  }

  @Override
  public String toString() {
    return "VerifiedIdentity[issuer=" + issuer.name() + ", expireTime=" + expireTime + "]";
  }
}
