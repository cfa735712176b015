package dev.tokenbroker.lifecycle;

import dev.tokenbroker.credential.AuthenticJwt;
import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.issuer.TrustedIssuers;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.signing.JwtMinter;
import dev.tokenbroker.signing.OwnIssuer;
import dev.tokenbroker.signing.OwnKeys;
import dev.tokenbroker.signing.Revocations;
import dev.tokenbroker.signing.TokenSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the access tokens that this broker minted: signed by one of the keys that it publishes, our
 * {@code iss}, not expired, not revoked. For whom a token is meant is not judged here.
 *
 * <p>Replicas read different clocks. A token is over at {@code exp}, without leeway: who is ahead
 * calls it over a little early, which harms nobody. One whose {@code iat} is ahead by more than a
 * leeway is not good yet; but it is known for ours, since who is told of it now must not forget it
 * until it is. Safe for use by several threads; never waits.
 */
@Singleton
public final class MintedTokens {

  /** More than any token of ours has. */
  private static final int LARGEST_BYTES = 32 * 1024;

  private static final Duration LEEWAY = Duration.ofSeconds(5);

  /** A clock that is ahead by more is broken, and what it dates is not known for ours. */
  private static final Duration FURTHEST_AHEAD = Duration.ofDays(1);

  /** RFC 9068 section 4. */
  private static final Set<String> ACCESS_TOKEN_TYPES = Set.of("at+jwt", "application/at+jwt");

  /** What {@link JwtMinter} makes, and room for more. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private final JwtVerifier verifier;
  private final Revocations revocations;
  private final InstantSource clock;
  private final TrustedIssuers ourselves;

  /**
   * @throws IllegalArgumentException where our issuer is not set or unusable
   */
  @Inject
  public MintedTokens(
      JwtVerifier verifier,
      OwnKeys keys,
      Revocations revocations,
      TokenSettings settings,
      InstantSource clock) {
    this.verifier = verifier;
    this.revocations = revocations;
    this.clock = clock;
    Set<SigningAlgorithm> algorithms =
        Set.of(SigningAlgorithm.ES256, SigningAlgorithm.EDDSA, SigningAlgorithm.RS256);
    this.ourselves =
        TrustedIssuers.of(
            List.of(
                new TrustedIssuer(
                    BrokerTokens.AUDIENCE,
                    OwnIssuer.of(settings),
                    Set.of(BrokerTokens.AUDIENCE),
                    algorithms,
                    FURTHEST_AHEAD,
                    null,
                    false,
                    keys)));
  }

  /** How that stands now, whatever it is. */
  public TokenStanding standing(String token, Deadline deadline) {
    return switch (verifier.authenticate(token, LARGEST_BYTES, ourselves, deadline)) {
      case Outcome.Accepted<AuthenticJwt>(AuthenticJwt jwt) -> standing(jwt, clock.instant());
      case Outcome.Refused<AuthenticJwt> _ -> new TokenStanding.Unknown();
    };
  }

  private TokenStanding standing(AuthenticJwt jwt, Instant now) {
    if (!now.isBefore(jwt.expireTime())) {
      return new TokenStanding.Unknown();
    }
    if (!ACCESS_TOKEN_TYPES.contains(jwt.type())) {
      return new TokenStanding.OtherKind();
    }
    if (!(jwt.claims().get("jti") instanceof String id)
        || !ID.matcher(id).matches()
        || jwt.issueTime() == null) {
      return new TokenStanding.Unknown(); // we mint none without
    }
    MintedToken minted = new MintedToken(id, jwt);
    if (revocations.holds(id)) {
      return new TokenStanding.Revoked(minted);
    }
    return isAhead(jwt.issueTime(), now) || isAhead(jwt.notBefore(), now)
        ? new TokenStanding.NotYet(minted)
        : new TokenStanding.Active(minted);
  }

  private static boolean isAhead(@Nullable Instant time, Instant now) {
    return time != null && time.isAfter(now.plus(LEEWAY));
  }
}
