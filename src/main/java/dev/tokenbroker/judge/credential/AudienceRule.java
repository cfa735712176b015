package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
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

  private static String expected(List<String> wanted) {
    return wanted.size() == 1 ? wanted.getFirst() : "one of " + String.join(", ", wanted);
  }

  /**
   * Returns the refusal. Its hints name each audience that differs only by a likely mistake.
   *
   * @param issuers the entries that the credential may mean
   */
  static Refusal mismatch(List<String> audiences, List<TrustedIssuer> issuers) {
    List<String> wanted =
        issuers.stream().flatMap(issuer -> issuer.audiences().stream()).sorted().toList();
    Refusal refusal =
        Refusal.of(RefusalReason.AUDIENCE_MISMATCH)
            .expected(expected(wanted))
            .seen(String.join(", ", audiences));
    for (String audience : audiences) {
      Optional<String> slip = slip(audience, wanted);
      if (slip.isPresent()) {
        refusal = refusal.hint(slip.get());
      }
    }
    return audiences.size() > 1
        ? refusal.hint("aud is a list: each of its " + audiences.size() + " values was compared.")
        : refusal;
  }

  /** Returns the refusal of a credential for the audiences of several entries with its issuer. */
  static Refusal ambiguous(List<String> audiences, List<TrustedIssuer> issuers) {
    return Refusal.of(RefusalReason.ISSUER_AMBIGUOUS)
        .expected(
            "audiences of one of these issuers: "
                + issuers.stream().map(TrustedIssuer::name).collect(Collectors.joining(", ")))
        .seen(String.join(", ", audiences));
  }

  private static Optional<String> slip(String audience, List<String> allWanted) {
    for (String wanted : allWanted) {
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
