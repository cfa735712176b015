package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.Confirmation;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Mints tokens by signing them: JWT access tokens as in RFC 9068, which any OIDC verifier can
 * check.
 *
 * <p>Times are whole seconds, rounded down. A token lives as long as its grant says, at most {@code
 * max-lifetime}, and not past {@link Grant#notAfter()}. It lives for at least 1 s, so that no token
 * expires before it begins. Safe for use by several threads.
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
  public Outcome<IssuedToken> mint(Grant grant) {
    // One reading of the clock chooses the key and dates the token: the promise of SigningKeys
    // about expired tokens depends on it.
    Instant now = clock.instant();
    Optional<Refusal> ended = grant.endedBy(now);
    if (ended.isPresent()) {
      return Outcome.refused(ended.get());
    }
    return keys.require(now).map(key -> mint(grant, key, now));
  }

  private IssuedToken mint(Grant grant, SigningKey key, Instant now) {
    Instant issueTime = now.truncatedTo(ChronoUnit.SECONDS);
    Instant expireTime =
        grant.cut(issueTime.plus(shorter(grant.lifetime(), maxLifetime)), issueTime);
    String id = ids.next();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer);
    claims.put("sub", grant.subject());
    claims.put("aud", grant.audience());
    claims.put("exp", expireTime.getEpochSecond());
    claims.put("iat", issueTime.getEpochSecond());
    claims.put("jti", id);
    claims.put("client_id", grant.subject());
    if (!grant.scopes().isEmpty()) {
      claims.put("scope", String.join(" ", grant.scopes()));
    }
    if (!(grant.binding() instanceof Binding.None)) {
      claims.put(Confirmation.CLAIM, grant.binding().confirmation());
    }
    // The broker's own claims come first and stay: no rule can change them.
    grant.claims().forEach(claims::putIfAbsent);
    String value = key.sign(JsonBytes.of(claims));
    return new IssuedToken(
        value,
        id,
        issueTime,
        expireTime,
        grant.scopes(),
        IssuedToken.ACCESS_TOKEN,
        grant.binding().tokenType());
  }

  private static Duration shorter(@Nullable Duration asked, Duration most) {
    return asked != null && asked.compareTo(most) <= 0 ? asked : most;
  }
}
