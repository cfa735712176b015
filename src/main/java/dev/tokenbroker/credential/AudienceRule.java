package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is told of a credential that was meant for somebody else (RFC 7519 section 4.1.3). One
 * element of {@code aud} must equal one of the issuer's audiences, character for character.
 */
final class AudienceRule {

  private static final String SEPARATORS = " ,;";

  private AudienceRule() {}

  /** The issuer's audiences, for evidence. */
  static String expected(TrustedIssuer issuer) {
    return issuer.audiences().size() == 1
        ? issuer.audiences().iterator().next()
        : issuer.audiences().stream().sorted().collect(Collectors.joining(", ", "one of ", ""));
  }

  /** The refusal, with the likeliest slip first. */
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
