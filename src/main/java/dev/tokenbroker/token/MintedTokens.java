package dev.tokenbroker.token;

import dev.tokenbroker.credential.AuthenticJwt;
import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.issuer.SigningAlgorithm;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.issuer.TrustedIssuers;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells the access tokens that this broker minted: signed by one of the keys that it publishes, our
 * {@code iss}, not expired, not revoked. For whom a token is meant is not judged here.
 *
 * <p>A token is over at {@code exp}, without leeway: replicas read different clocks, and one that
 * is ahead calls a token over a little early, which harms nobody. The leeway is for {@code iat}
 * alone. Safe for use by several threads; never waits.
 */
@Singleton
public final class MintedTokens {

  /** As much as a form can bring. */
  private static final int LARGEST_BYTES = 32 * 1024;

  private static final Duration LEEWAY = Duration.ofSeconds(5);

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
                    LEEWAY,
                    null,
                    false,
                    keys)));
  }

  /** How that stands now, whatever it is. */
  public TokenStanding standing(String token, Deadline deadline) {
    return switch (verifier.authenticate(token, LARGEST_BYTES, ourselves, deadline)) {
      case Outcome.Accepted<AuthenticJwt>(AuthenticJwt jwt)
          when clock.instant().isBefore(jwt.expireTime()) ->
          standing(jwt);
      case Outcome.Accepted<AuthenticJwt> _, Outcome.Refused<AuthenticJwt> _ ->
          new TokenStanding.Unknown();
    };
  }

  private TokenStanding standing(AuthenticJwt jwt) {
    if (!ACCESS_TOKEN_TYPES.contains(jwt.type())) {
      return new TokenStanding.OtherKind();
    }
    if (!(jwt.claims().get("jti") instanceof String id)
        || !ID.matcher(id).matches()
        || jwt.issueTime() == null) {
      return new TokenStanding.Unknown(); // we mint none without
    }
    MintedToken minted = new MintedToken(id, jwt);
    return revocations.holds(id)
        ? new TokenStanding.Revoked(minted)
        : new TokenStanding.Active(minted);
  }
}
