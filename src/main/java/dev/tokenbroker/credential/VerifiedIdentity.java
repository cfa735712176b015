package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
  private final Instant acceptedUntil;
  private final long keysVersion;
  private final Map<String, Object> claims;
  private final @Nullable String onceId;
  private final @Nullable String tokenId;

  /**
   * @param keysVersion of the issuer's keys, before one of them was found to have signed
   * @param acceptedUntil the end of the time for which the rules of time accept it
   * @param claims deeply immutable
   * @param onceId what it is known by once it was exchanged; null unless its issuer's credentials
   *     may be exchanged once only
   */
  VerifiedIdentity(
      TrustedIssuer issuer,
      long keysVersion,
      String subject,
      Instant expireTime,
      Instant acceptedUntil,
      Map<String, Object> claims,
      @Nullable String onceId,
      @Nullable String tokenId) {
    this.issuer = issuer;
    this.keysVersion = keysVersion;
    this.subject = subject;
    this.expireTime = expireTime;
    this.acceptedUntil = acceptedUntil;
    this.claims = claims;
    this.onceId = onceId;
    this.tokenId = tokenId;
  }

  /** The same proof without the claims that it rests on, for keeping: they are most of its size. */
  public VerifiedIdentity withoutClaims() {
    return new VerifiedIdentity(
        issuer, keysVersion, subject, expireTime, acceptedUntil, Map.of(), onceId, tokenId);
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
   * {@code Boolean}, {@code List} and {@code Map}; null members are dropped. None where they were
   * not kept.
   */
  public Map<String, Object> claims() {
    return claims;
  }

  /** Its {@code jti}; null where it has none. */
  public @Nullable String tokenId() {
    return tokenId;
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

  /** From this moment on the same credential is refused as expired or as too old. */
  public Instant acceptedUntil() {
    return acceptedUntil;
  }

  /**
   * Whether it is still proved, without checking the signature again: the credential is not too old
   * and its issuer's keys are the very ones that it was verified by. Says no where in doubt.
   */
  public boolean isStillProved(Instant now) {
    return now.isBefore(acceptedUntil)
        && keysVersion != 0
        && issuer.keys().version() == keysVersion;
  }

  @Nullable String onceId() {
    return onceId;
  }

  @Override
  public String toString() {
    return "VerifiedIdentity[issuer=" + issuer.name() + ", expireTime=" + expireTime + "]";
  }
}
