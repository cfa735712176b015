package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A proof that a trusted issuer signed these claims, and that they are current and meant for this
 * broker. For an exchange, only a {@link CredentialVerifier} creates one. A rehearsal creates
 * unproved ones with {@link AssumedIdentity}.
 *
 * <p>Deeply immutable.
 */
public final class VerifiedIdentity {

  /** The longest {@code azp} and {@code client_id} that caches keep. */
  private static final int MAX_CLIENT_CHARS = 256;

  private final TrustedIssuer issuer;
  private final String subject;
  private final Instant expireTime;
  private final Instant acceptedUntil;
  private final long keysVersion;
  private final Map<String, Object> claims;
  private final List<String> clients;
  private final @Nullable String onceId;
  private final @Nullable String tokenId;

  /**
   * @param keysVersion the version of the issuer's keys, read before the lookup; 0 if none
   * @param acceptedUntil the end of the time in which the time rules accept the credential
   * @param claims deeply immutable
   * @param onceId the id in {@link UsedCredentials}; null unless the issuer has {@code once: true}
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
    this(
        issuer,
        keysVersion,
        subject,
        expireTime,
        acceptedUntil,
        claims,
        clientsOf(claims),
        onceId,
        tokenId);
  }

  private VerifiedIdentity(
      TrustedIssuer issuer,
      long keysVersion,
      String subject,
      Instant expireTime,
      Instant acceptedUntil,
      Map<String, Object> claims,
      List<String> clients,
      @Nullable String onceId,
      @Nullable String tokenId) {
    this.issuer = issuer;
    this.keysVersion = keysVersion;
    this.subject = subject;
    this.expireTime = expireTime;
    this.acceptedUntil = acceptedUntil;
    this.claims = claims;
    this.clients = clients;
    this.onceId = onceId;
    this.tokenId = tokenId;
  }

  /** Returns the same proof without its claims, for caches: the claims are most of its size. */
  public VerifiedIdentity withoutClaims() {
    return new VerifiedIdentity(
        issuer,
        keysVersion,
        subject,
        expireTime,
        acceptedUntil,
        Map.of(),
        clients,
        onceId,
        tokenId);
  }

  /** The client ids in these claims, beside {@code sub}. */
  private static List<String> clientsOf(Map<String, Object> claims) {
    return Stream.of("azp", "client_id")
        .map(claims::get)
        .filter(id -> id instanceof String text && text.length() <= MAX_CLIENT_CHARS)
        .map(String.class::cast)
        .distinct()
        .toList();
  }

  /** Whether these claims name that client: as {@code sub}, {@code azp} or {@code client_id}. */
  static boolean isOfClient(Map<String, Object> claims, String client) {
    return client.equals(claims.get("sub")) || clientsOf(claims).contains(client);
  }

  /**
   * Whether that is the id of the credential's client: its {@code sub}, {@code azp} or {@code
   * client_id} (RFC 7521 section 4.2). Known even after {@link #withoutClaims}.
   */
  public boolean isOfClient(String client) {
    return client.equals(subject) || clients.contains(client);
  }

  /** The issuer that signed the credential. */
  public TrustedIssuer issuer() {
    return issuer;
  }

  /** The {@code sub} claim. */
  public String subject() {
    return subject;
  }

  /**
   * All claims, including the registered ones. The values are {@code String}, {@code Long}, {@code
   * Double}, {@code Boolean}, {@code List} and {@code Map}. Members with a null value are dropped.
   * Empty after {@link #withoutClaims}.
   */
  public Map<String, Object> claims() {
    return claims;
  }

  /** The {@code jti} claim; null if it is absent or not a string. */
  public @Nullable String tokenId() {
    return tokenId;
  }

  /** The {@code exp} claim. It may be in the past by less than the issuer's leeway. */
  public Instant expireTime() {
    return expireTime;
  }

  /**
   * The end of the credential, which also bounds tokens issued for it. The end is {@code exp}. If
   * {@code exp} has passed, the end is {@code exp} plus the issuer's leeway.
   */
  public Instant effectiveEnd(Instant now) {
    return expireTime.isAfter(now) ? expireTime : expireTime.plus(issuer.leeway());
  }

  /**
   * The later of {@code iat} and {@code nbf}: no broker has accepted the credential before, but for
   * the issuer's leeway. Null if it has neither, or after {@link #withoutClaims}.
   */
  @Nullable Instant notUsedBefore() {
    return Stream.of("iat", "nbf")
        .map(claims::get)
        .filter(Objects::nonNull)
        .flatMap(date -> NumericDate.read(date).stream())
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  /** The end of the time in which the time rules accept the same credential. */
  public Instant acceptedUntil() {
    return acceptedUntil;
  }

  /**
   * Whether the proof still holds, without another signature check. It holds if the credential is
   * still accepted by time and the issuer's keys have the same version. Without a known version,
   * the result is false.
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
