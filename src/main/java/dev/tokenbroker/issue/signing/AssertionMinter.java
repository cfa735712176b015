package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Presentation;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Mints assertions: JWTs by which this broker vouches for an identity at an upstream (RFC 7523
 * section 3). Upstreams verify them with the published keys.
 *
 * <p>An assertion is no access token, and cannot pass for one. Its {@code typ} is {@code JWT}, it
 * has neither {@code scope} nor {@code client_id}, and its audience is that of no target. It ends
 * with its presentation's lifetime, with {@code max-lifetime}, or with {@link Grant#notAfter()},
 * whichever is first. Each has an id of its own. Safe for use by several threads.
 */
@Singleton
public final class AssertionMinter {

  private final SigningKeys keys;
  private final String issuer;
  private final Duration maxLifetime;
  private final InstantSource clock;
  private final TokenIds ids = new TokenIds();

  /**
   * @throws IllegalArgumentException if our issuer is not set or unusable
   */
  public AssertionMinter(SigningKeys keys, TokenSettings settings, InstantSource clock) {
    this.keys = keys;
    this.issuer = OwnIssuer.of(settings);
    this.maxLifetime = settings.maxLifetime();
    this.clock = clock;
  }

  /** The refusal with which {@link #mint} would end now; empty if it would make an assertion. */
  public Optional<Refusal> obstacle(Grant grant) {
    Instant now = clock.instant();
    return grant.endedBy(now).or(() -> keys.obstacle(now));
  }

  /**
   * A new assertion about the subject of the grant.
   *
   * @return the assertion; or {@code SIGNING_KEY_UNAVAILABLE}, or {@code CREDENTIAL_EXPIRED} if the
   *     credential has expired since it was verified
   */
  public Outcome<MintedAssertion> mint(Grant grant, Presentation.Minted presentation) {
    // One reading of the clock, as in JwtMinter.
    Instant now = clock.instant();
    Optional<Refusal> ended = grant.endedBy(now);
    return ended.isPresent()
        ? Outcome.refused(ended.get())
        : keys.require(now).map(key -> signed(grant, presentation, key, now));
  }

  private MintedAssertion signed(
      Grant grant, Presentation.Minted presentation, SigningKey key, Instant now) {
    Duration asked = presentation.lifetime();
    Duration lifetime = asked.compareTo(maxLifetime) <= 0 ? asked : maxLifetime;
    Instant issueTime = now.truncatedTo(ChronoUnit.SECONDS);
    String id = ids.next();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer);
    claims.put("sub", grant.subject());
    claims.put("aud", presentation.audience());
    claims.put("exp", grant.cut(issueTime.plus(lifetime), issueTime).getEpochSecond());
    claims.put("iat", issueTime.getEpochSecond());
    claims.put("jti", id);
    // The broker's own claims come first and stay: no rule can change them.
    grant.claims().forEach(claims::putIfAbsent);
    return new MintedAssertion(key.sign(header(key), JsonBytes.of(claims)), id, issuer, key.kid());
  }

  private static byte[] header(SigningKey key) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", key.algorithm().jwaName());
    header.put("typ", "JWT");
    header.put("kid", key.kid());
    return JsonBytes.of(header);
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
