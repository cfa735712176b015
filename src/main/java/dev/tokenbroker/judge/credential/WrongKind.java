package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.jose.TextForm;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.judge.issuer.IdentifierSpelling;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Notes about a refused JWT that serves another purpose than a credential, or comes from another
 * issuer of a trusted tenant or host. Nothing proves what they say, so they are for operators and
 * decide nothing.
 */
final class WrongKind {

  private static final int MAX_NAMED_ISSUERS = 2;
  private static final Pattern TENANT =
      Pattern.compile("\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

  private WrongKind() {}

  static List<String> notes(String compact, int maxSizeBytes, TrustedIssuers issuers) {
    Outcome<CompactJws> jws = CompactJws.parse(compact, maxSizeBytes);
    if (!(jws.then(CompactJws::header) instanceof Accepted<Map<String, Object>>(var header))) {
      return List.of();
    }
    Map<String, Object> claims =
        jws.then(CompactJws::claims) instanceof Accepted<Map<String, Object>>(var read)
            ? read
            : Map.of();
    Stream<String> purposes = TextForm.purposes(header, claims).stream();
    return claims.get("iss") instanceof String iss && issuers.entries(iss).isEmpty()
        ? Stream.concat(purposes, relations(iss, issuers)).toList()
        : purposes.toList();
  }

  private static Stream<String> relations(String iss, TrustedIssuers issuers) {
    String host = host(iss);
    String tenant = TENANT.matcher(iss).results().map(MatchResult::group).findFirst().orElse(iss);
    return issuers.all().stream()
        .filter(issuer -> issuer.issuer().contains(tenant) || host(issuer.issuer()).equals(host))
        .limit(MAX_NAMED_ISSUERS)
        .map(
            issuer ->
                "The issuer %s (%s) has the same %s: have the credential issued in its form, or declare this issuer, too."
                    .formatted(
                        issuer.name(),
                        issuer.issuer(),
                        issuer.issuer().contains(tenant)
                            ? "tenant (Entra has versions 1 and 2 of tokens)"
                            : "host, and another path"));
  }

  private static String host(String issuer) {
    return IdentifierSpelling.of(issuer).name().replaceAll("/.*", "").toLowerCase(Locale.ROOT);
  }
}
