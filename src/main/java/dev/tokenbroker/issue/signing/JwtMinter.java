package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.Confirmation;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Mints JWTs by signing them: access tokens as in RFC 9068, which any OIDC verifier can check, and
 * assertions, by which this broker vouches for an identity at an upstream (RFC 7523 section 3).
 *
 * <p>Times are whole seconds, rounded down. A JWT lives as long as its grant or its presentation
 * says, at most {@code max-lifetime}, and not past {@link Grant#notAfter()}. It lives for at least
 * 1 s, so that none expires before it begins. Each has an id of its own.
 *
 * <p>An assertion cannot pass for an access token. Its {@code typ} is {@code JWT}, it has neither
 * {@code scope} nor {@code client_id}, and its audience is that of no target. Each access token has
 * {@code client_id}, also one whose target wants {@code typ} to be {@code JWT}. Safe for use by
 * several threads.
 */
@Singleton
public final class JwtMinter implements TokenMinter {

  private final SigningKeys keys;
  private final String issuer;
  private final Duration maxLifetime;
  private final InstantSource clock;
  private final TokenIds ids = new TokenIds();

  /**
   * @throws IllegalArgumentException if our issuer is not set or unusable
   */
  public JwtMinter(SigningKeys keys, TokenSettings settings, InstantSource clock) {
    this.keys = keys;
    this.issuer = OwnIssuer.of(settings);
    this.maxLifetime = settings.maxLifetime();
    this.clock = clock;
  }

  @Override
  public boolean isIssuer(String iss) {
    return issuer.equals(iss);
  }

  @Override
  public Outcome<IssuedToken> mint(Grant grant) {
    // One reading of the clock chooses the key and dates the token: the promise of SigningKeys
    // about expired tokens depends on it.
    Instant now = clock.instant();
    return switch (grant.supply()) {
      case Supply.Mint supply ->
          key(grant, supply.algorithm(), now).map(key -> token(grant, supply, key, now));
      case Supply.Upstreamed _ ->
          throw new IllegalArgumentException("an upstream makes the token for " + grant.audience());
    };
  }

  /**
   * A new assertion about the subject of the grant.
   *
   * @return the assertion; or {@code SIGNING_KEY_UNAVAILABLE}, or {@code CREDENTIAL_EXPIRED} if the
   *     credential has expired since it was verified
   */
  public Outcome<MintedAssertion> mint(Grant grant, Presentation.Minted presentation) {
    Instant now = clock.instant();
    return key(grant, presentation.algorithm(), now)
        .map(key -> assertion(grant, presentation, key, now));
  }

  /** The refusal with which an assertion would not be minted now; empty if it would be. */
  public Optional<Refusal> obstacle(Grant grant, Presentation.Minted presentation) {
    return key(grant, presentation.algorithm(), clock.instant())
            instanceof Outcome.Refused<SigningKey>(Refusal why)
        ? Optional.of(why)
        : Optional.empty();
  }

  private Outcome<SigningKey> key(Grant grant, @Nullable SigningAlgorithm algorithm, Instant now) {
    return grant
        .endedBy(now)
        .map(Outcome::<SigningKey>refused)
        .orElseGet(() -> keys.require(now, algorithm));
  }

  private IssuedToken token(Grant grant, Supply.Mint supply, SigningKey key, Instant now) {
    Instant issueTime = now.truncatedTo(ChronoUnit.SECONDS);
    Instant expireTime = end(grant, grant.lifetime(), issueTime);
    String id = ids.next();
    Map<String, Object> claims = claims(grant, grant.audience(), issueTime, expireTime, id);
    claims.put("client_id", Objects.requireNonNullElse(grant.client(), grant.subject()));
    if (!grant.scopes().isEmpty()) {
      claims.put("scope", String.join(" ", grant.scopes()));
    }
    if (!(grant.binding() instanceof Binding.None)) {
      claims.put(Confirmation.CLAIM, grant.binding().confirmation());
    }
    // The broker's own claims come first and stay: no rule can change them.
    grant.claims().forEach(claims::putIfAbsent);
    String value = key.sign(supply.type(), JsonBytes.of(claims));
    return new IssuedToken(
        value,
        id,
        issueTime,
        expireTime,
        grant.scopes(),
        IssuedToken.ACCESS_TOKEN,
        grant.binding().tokenType());
  }

  private MintedAssertion assertion(
      Grant grant, Presentation.Minted presentation, SigningKey key, Instant now) {
    Instant issueTime = now.truncatedTo(ChronoUnit.SECONDS);
    Instant end = end(grant, presentation.lifetime(), issueTime);
    String id = ids.next();
    Map<String, Object> claims = claims(grant, presentation.audience(), issueTime, end, id);
    grant.claims().forEach(claims::putIfAbsent);
    return new MintedAssertion(key.signJwt(key.kid(), claims), id, issuer, key.kid());
  }

  private Map<String, Object> claims(
      Grant grant, String audience, Instant issueTime, Instant end, String id) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer);
    claims.put("sub", grant.subject());
    claims.put("aud", audience);
    claims.put("exp", end.getEpochSecond());
    claims.put("iat", issueTime.getEpochSecond());
    claims.put("jti", id);
    return claims;
  }

  private Instant end(Grant grant, @Nullable Duration asked, Instant issueTime) {
    Duration lifetime = asked != null && asked.compareTo(maxLifetime) <= 0 ? asked : maxLifetime;
    return grant.cut(issueTime.plus(lifetime), issueTime);
  }

  /**
   * A JWT that this broker signed about an identity, for one upstream and one attempt.
   *
   * @param value the JWT itself; {@link #toString()} keeps it out of logs
   * @param id its {@code jti}
   * @param issuer its {@code iss}, this broker
   * @param keyId the {@code kid} of the key that signed it
   */
  public record MintedAssertion(String value, String id, String issuer, String keyId) {

    @Override
    public String toString() {
      return "MintedAssertion[id=" + id + ", keyId=" + keyId + "]";
    }
  }
}
