package dev.tokenbroker.token;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.credential.PresentedCredential;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.issuer.SigningAlgorithm;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.issuer.TrustedIssuers;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.possession.Confirmation;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Recognises operators: bearers of an access token that this broker minted for the reserved
 * audience {@value #AUDIENCE} with the scope {@value #SCOPE}. Who gets one is decided by the rules,
 * like for any other target.
 */
@Singleton
public final class OperatorTokens {

  /** The target that stands for the broker itself. */
  public static final String AUDIENCE = "token-broker";

  /** What allows reading full verdicts. */
  public static final String SCOPE = "operate";

  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  /** Replicas read different clocks, though hardly more than this apart. */
  private static final Duration LEEWAY = Duration.ofSeconds(5);

  private final JwtVerifier verifier;
  private final TrustedIssuers ourselves;

  /**
   * @throws IllegalArgumentException where our issuer is not set or unusable
   */
  @Inject
  public OperatorTokens(JwtVerifier verifier, OwnKeys keys, TokenSettings settings) {
    this.verifier = verifier;
    String issuer = OwnIssuer.of(settings);
    Set<SigningAlgorithm> algorithms =
        Set.of(SigningAlgorithm.ES256, SigningAlgorithm.EDDSA, SigningAlgorithm.RS256);
    this.ourselves =
        TrustedIssuers.of(
            List.of(
                new TrustedIssuer(
                    AUDIENCE, issuer, Set.of(AUDIENCE), algorithms, LEEWAY, null, false, keys)));
  }

  /** Whether the token is an operator's. Says not why it is not: whoever asks must not learn. */
  public boolean allows(String bearerToken, Deadline deadline) {
    if (bearerToken.isEmpty()) {
      return false;
    }
    return switch (verify(bearerToken, deadline)) {
      case Outcome.Accepted<VerifiedIdentity>(VerifiedIdentity identity) ->
          isAccessToken(bearerToken) && operates(identity) && !isBound(identity);
      case Outcome.Refused<VerifiedIdentity> refused -> false;
    };
  }

  private Outcome<VerifiedIdentity> verify(String bearerToken, Deadline deadline) {
    return verifier.verify(
        new PresentedCredential(ACCESS_TOKEN, bearerToken), ourselves, deadline, new Trail());
  }

  /** RFC 9068 section 4: another kind of token of ours, if there ever is one, does not count. */
  private static boolean isAccessToken(String token) {
    try {
      JWSHeader header = JWSHeader.parse(new Base64URL(token.substring(0, token.indexOf('.'))));
      return header.getType() != null && header.getType().getType().equals("at+jwt");
    } catch (ParseException e) {
      return false;
    }
  }

  /** One that is bound to a key opens nothing to who merely holds the token. */
  private static boolean isBound(VerifiedIdentity identity) {
    return identity.claims().containsKey(Confirmation.CLAIM);
  }

  private static boolean operates(VerifiedIdentity identity) {
    return identity.claims().get("scope") instanceof String scopes
        && Arrays.asList(scopes.split(" ")).contains(SCOPE);
  }
}
