package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers.IssuerMatch;
import dev.tokenbroker.judge.possession.Confirmation;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Verifies signed JWTs. It is stateless and thread-safe. */
@Singleton
public final class JwtVerifier implements CredentialVerifier {

  static final int DEFAULT_MAX_SIZE_BYTES = 16 * 1024;
  private static final int LEAST_MAX_SIZE_BYTES = 1024;
  private static final int GREATEST_MAX_SIZE_BYTES = 64 * 1024;

  private static final Set<String> TOKEN_TYPES =
      Set.of(
          "urn:ietf:params:oauth:token-type:jwt",
          "urn:ietf:params:oauth:token-type:id_token",
          "urn:ietf:params:oauth:token-type:access_token");

  private final InstantSource clock;
  private final SignatureProvider provider;
  private final int maxSizeBytes;

  /** Creates a verifier with the settings of this deployment. */
  public JwtVerifier(InstantSource clock, SignatureProvider provider, CredentialSettings settings) {
    this.maxSizeBytes = settings.maxSizeBytes();
    limits(maxSizeBytes).require();
    this.clock = clock;
    this.provider = provider;
  }

  /** Returns the invalid settings; empty if all are valid. */
  public static List<UnfitSetting> unfit(CredentialSettings settings) {
    return limits(settings.maxSizeBytes())
        .within("max-used", settings.maxUsed(), 1, 10_000_000)
        .unfit();
  }

  private static SettingLimits limits(int maxSizeBytes) {
    return new SettingLimits("token-broker.credential.")
        .within("max-size", maxSizeBytes, LEAST_MAX_SIZE_BYTES, GREATEST_MAX_SIZE_BYTES);
  }

  @Override
  public boolean accepts(String tokenType) {
    return TOKEN_TYPES.contains(tokenType);
  }

  @Override
  public Optional<UnverifiedIdentity> named(
      PresentedCredential credential, TrustedIssuers issuers) {
    return UnverifiedJwt.parse(credential.value(), maxSizeBytes)
                instanceof Outcome.Accepted<UnverifiedJwt>(UnverifiedJwt jwt)
            && issuers.find(jwt.registered().issuer(), jwt.registered().audiences())
                instanceof IssuerMatch.OneIssuer(TrustedIssuer issuer)
        ? Optional.of(
            new UnverifiedIdentity(
                issuer, jwt.registered().subject(), jwt.claims().containsKey(Confirmation.CLAIM)))
        : Optional.empty();
  }

  @Override
  public boolean saysClient(
      PresentedCredential credential,
      PresentedClient stated,
      TrustedIssuers issuers,
      RegisteredClients clients) {
    return UnverifiedJwt.parse(credential.value(), maxSizeBytes)
            instanceof Outcome.Accepted<UnverifiedJwt>(UnverifiedJwt jwt)
        && issuers.find(jwt.registered().issuer(), jwt.registered().audiences())
            instanceof IssuerMatch.OneIssuer(TrustedIssuer issuer)
        && clients.wouldBeOf(issuer, jwt, stated);
  }

  @Override
  public Outcome<VerifiedIdentity> verify(
      PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail) {
    return verify(credential, issuers, deadline, deadline, trail);
  }

  @Override
  public Outcome<VerifiedIdentity> verify(
      PresentedCredential credential,
      TrustedIssuers issuers,
      Deadline deadline,
      Deadline reviewBy,
      Trail trail) {
    return new JwtVerification(clock, provider, issuers, deadline, trail)
        .verify(credential.value(), maxSizeBytes, reviewBy);
  }

  /**
   * Runs the checks from {@code FORMAT} to {@code TIME}, without the audience. Use it for tokens
   * that a caller asks about and does not present as a credential. The call may wait for keys, as
   * {@link #verify} does.
   *
   * @param largestBytes the size limit of the token, instead of the limit for credentials
   */
  public Outcome<AuthenticJwt> authenticate(
      String token, int largestBytes, TrustedIssuers issuers, Deadline deadline) {
    return new JwtVerification(clock, provider, issuers, deadline, new Trail())
        .authenticate(token, largestBytes);
  }
}
