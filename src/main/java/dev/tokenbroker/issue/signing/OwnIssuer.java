package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.judge.issuer.KeyLocation;
import java.util.List;
import java.util.Set;

/** The issuer name of this broker: the {@code iss} of minted tokens. */
public final class OwnIssuer {

  private static final String DEMAND =
      "token-broker.token.issuer must be set to the URL of this broker, without query and fragment";

  private OwnIssuer() {}

  /**
   * The issuer exactly as the settings have it, since verifiers compare it exactly.
   *
   * @throws IllegalArgumentException if it is not set, or is no http or https URL that a discovery
   *     document can lie under (OIDC Discovery section 3)
   */
  public static String of(TokenSettings settings) {
    return settings
        .issuer()
        .filter(OwnIssuer::isWebAddress)
        .orElseThrow(() -> new IllegalArgumentException(DEMAND));
  }

  /** Whether {@link #of} gives an issuer: for the check at the start. */
  public static boolean isUsable(TokenSettings settings) {
    return settings.issuer().filter(OwnIssuer::isWebAddress).isPresent();
  }

  /** The issuer and the token endpoint of a broker, which an assertion may name as audience. */
  public static Set<String> addresses(String issuer) {
    return Set.of(issuer, issuer.replaceFirst("/$", "") + "/token");
  }

  /** The settings with which the broker does not start; empty if it may. */
  public static List<UnfitSetting> unfit(TokenSettings settings) {
    return new SettingLimits("token-broker.token.")
        .demand(
            isUsable(settings),
            "issuer",
            "is missing or no URL that a discovery document can lie under.",
            "Set it to the https URL at which verifiers reach this broker, without query and fragment.")
        .unfit();
  }

  /** Whether it is an http or https URL with a host, and without user, query and fragment. */
  public static boolean isWebAddress(String issuer) {
    return KeyLocation.canBeDiscovered(issuer);
  }
}
