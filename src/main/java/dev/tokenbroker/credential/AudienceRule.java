package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Describes the refusal of a credential with a wrong audience (RFC 7519 section 4.1.3). One element
 * of {@code aud} must equal one of the issuer's audiences, character for character.
 */
final class AudienceRule {

  private static final String SEPARATORS = " ,;";

  private AudienceRule() {}

  /** Returns the issuer's audiences as text, for the evidence of a step. */
  static String expected(TrustedIssuer issuer) {
    return issuer.audiences().size() == 1
        ? issuer.audiences().iterator().next()
        : issuer.audiences().stream().sorted().collect(Collectors.joining(", ", "one of ", ""));
  }

  /** Returns the refusal. Its hints name each audience that differs only by a likely mistake. */
  static Refusal mismatch(List<String> audiences, TrustedIssuer issuer) {
    Refusal refusal =
        Refusal.of(RefusalReason.AUDIENCE_MISMATCH)
            .expected(expected(issuer))
            .seen(String.join(", ", audiences));
    for (String audience : audiences) {
      Optional<String> slip = slip(audience, issuer);
      if (slip.isPresent()) {
        refusal = refusal.hint(slip.get());
      }
    }
    return audiences.size() > 1
        ? refusal.hint("aud is a list: each of its " + audiences.size() + " values was compared.")
        : refusal;
  }

  private static Optional<String> slip(String audience, TrustedIssuer issuer) {
    for (String wanted : issuer.audiences()) {
      Optional<String> difference = NearMiss.between(audience, wanted);
      if (difference.isPresent()) {
        return Optional.of("The aud " + difference.get() + ", unlike " + wanted + ".");
      }
      if (isListed(audience, wanted)) {
        return Optional.of("The aud holds several audiences in one string; it must be a list.");
      }
    }
    return Optional.empty();
  }

  private static boolean isListed(String audience, String wanted) {
    int at = audience.indexOf(wanted);
    if (at < 0 || audience.length() == wanted.length()) {
      return false;
    }
    int end = at + wanted.length();
    boolean begins = at == 0 || SEPARATORS.indexOf(audience.charAt(at - 1)) >= 0;
    boolean ends = end == audience.length() || SEPARATORS.indexOf(audience.charAt(end)) >= 0;
    return begins && ends;
  }
}
