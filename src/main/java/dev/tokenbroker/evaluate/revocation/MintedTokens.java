package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.OwnKeys;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.credential.AuthenticJwt;
import dev.tokenbroker.judge.credential.JwtVerifier;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the access tokens that this broker minted: a signature by one of its published keys,
 * our {@code iss}, not expired. It also says whether a token was revoked. It does not check the
 * audience.
 *
 * <p>Replicas read different clocks. A token expires at {@code exp}, without leeway: a replica
 * whose clock is ahead rejects it a little early, which harms nobody. A token with an {@code iat}
 * or {@code nbf} more than 5 s ahead is not active yet. The broker can still revoke it, so that it
 * never becomes active. Thread-safe; never waits.
 */
@Singleton
public final class MintedTokens {

  /** The size of the largest token that is checked; no token of ours is as large. */
  private static final int LARGEST_BYTES = 32 * 1024;

  private static final Duration LEEWAY = Duration.ofSeconds(5);

  /** A clock that is further ahead is broken, and its tokens are not recognised as ours. */
  private static final Duration FURTHEST_AHEAD = Duration.ofDays(1);

  /** RFC 9068 section 4. */
  static final Set<String> ACCESS_TOKEN_TYPES = Set.of("at+jwt", "application/at+jwt");

  /** RFC 7519 section 5.1, for targets whose verifiers know no other type. */
  private static final Set<String> PLAIN_TYPES = Set.of("jwt", "application/jwt");

  /** Matches the ids that {@link JwtMinter} makes, and longer ones. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private final JwtVerifier verifier;
  private final Revocations revocations;
  private final InstantSource clock;
  private final TrustedIssuers ourselves;

  /**
   * @throws IllegalArgumentException if our issuer is not set or unusable
   */
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
                    false,
                    keys,
                    false,
                    false)));
  }

  /**
   * The standing of a token now.
   *
   * @param token any text
   */
  public TokenStanding standing(String token, Deadline deadline) {
    return switch (verifier.authenticate(token, LARGEST_BYTES, ourselves, deadline)) {
      case Outcome.Accepted<AuthenticJwt>(AuthenticJwt jwt) -> standing(jwt, clock.instant());
      case Outcome.Refused<AuthenticJwt> _ -> new TokenStanding.UnknownStanding();
    };
  }

  private TokenStanding standing(AuthenticJwt jwt, Instant now) {
    if (!now.isBefore(jwt.expireTime())) {
      return new TokenStanding.UnknownStanding();
    }
    if (!isAccessToken(jwt)) {
      return new TokenStanding.OtherKind();
    }
    if (!(jwt.claims().get("jti") instanceof String id)
        || !ID.matcher(id).matches()
        || jwt.issueTime() == null) {
      return new TokenStanding.UnknownStanding(); // every minted token has both
    }
    MintedToken minted = new MintedToken(id, jwt);
    if (revocations.holds(id)) {
      return new TokenStanding.RevokedStanding(minted);
    }
    return isAhead(jwt.issueTime(), now) || isAhead(jwt.notBefore(), now)
        ? new TokenStanding.NotYet(minted)
        : new TokenStanding.Active(minted);
  }

  /** An assertion for an upstream has typ JWT as well, but no client_id, see {@link JwtMinter}. */
  private static boolean isAccessToken(AuthenticJwt jwt) {
    return ACCESS_TOKEN_TYPES.contains(jwt.type())
        || (PLAIN_TYPES.contains(jwt.type()) && jwt.claims().get("client_id") instanceof String);
  }

  private static boolean isAhead(@Nullable Instant time, Instant now) {
    return time != null && time.isAfter(now.plus(LEEWAY));
  }

  /** The standing of a text that a caller presents as a token of ours. */
  public sealed interface TokenStanding {

    /** The broker minted the token, which is active now. */
    record Active(MintedToken token) implements TokenStanding {}

    /**
     * The broker minted the token, by a clock that is ahead of this one. The token becomes active
     * later unless it is revoked.
     */
    record NotYet(MintedToken token) implements TokenStanding {}

    /** The broker minted the token, which has not expired but was revoked. */
    record RevokedStanding(MintedToken token) implements TokenStanding {}

    /** The broker signed the token, which has not expired but is no access token. */
    record OtherKind() implements TokenStanding {}

    /** Any other text: minted elsewhere, expired, or no token. */
    record UnknownStanding() implements TokenStanding {}
  }
}
