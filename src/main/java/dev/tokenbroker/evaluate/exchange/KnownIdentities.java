package dev.tokenbroker.evaluate.exchange;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.refusal.SignedClaims;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.expression.Facts;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The identities that a rule has admitted. Anybody can have a public issuer sign a credential, so a
 * signature alone makes nobody known: a credential that no rule admits to any target is a
 * stranger's, and counts like one whose signature is not verified.
 *
 * <p>An identity stays known when its rule is removed, or its issuer changes one of the names: its
 * refusals show what the change did. It has several names, and each makes it known: its subject,
 * its repository or project, and the owner. Remembers the digests of {@value #MAX_OF_ISSUER} names
 * of an issuer, so that no issuer takes the place of another. Safe for use by any number of
 * threads.
 */
final class KnownIdentities {

  private static final int MAX_ISSUERS = 250;
  private static final int MAX_OF_ISSUER = 2_000;

  /** The claims by which issuers of CI jobs name an owner, a repository or a project. */
  private static final List<String> NAMES =
      List.of(
          "sub",
          "repository",
          "repository_id",
          "repository_owner_id",
          "project_id",
          "project_path",
          "namespace_id",
          "organization_id");

  private final Cache<String, Cache<CredentialDigest, Boolean>> byIssuer = newest(MAX_ISSUERS);

  private static <K, V> Cache<K, V> newest(int most) {
    return Caffeine.newBuilder().maximumSize(most).executor(Runnable::run).build();
  }

  /**
   * Whether a credential is of an identity that a rule admits or has admitted, or of a client.
   *
   * @param admitted whether a rule has just admitted it; if not, all rules are looked at
   */
  boolean isKnown(EvaluationContext run, boolean admitted) {
    SignedClaims signed = run.trail().signed();
    String issuer = run.trail().issuer();
    if (signed == null || issuer == null) {
      return admitted;
    }
    Map<String, Object> claims = signed.values();
    List<CredentialDigest> names = names(claims);
    String subject = Objects.toString(claims.get("sub"), "");
    Facts facts = new Facts(issuer, subject, "", run.trail().client(), claims);
    Federation federation = run.request().federation();
    Cache<CredentialDigest, Boolean> known = byIssuer.get(issuer, _ -> newest(MAX_OF_ISSUER));
    boolean isKnown =
        admitted
            || names.stream().anyMatch(name -> known.getIfPresent(name) != null)
            || federation.clients().isSubject(issuer, subject)
            || federation.policy().admits(facts);
    if (isKnown) {
      names.forEach(name -> known.put(name, true));
    }
    return isKnown;
  }

  private static List<CredentialDigest> names(Map<String, Object> claims) {
    return NAMES.stream()
        .filter(claims::containsKey)
        .map(name -> CredentialDigest.of(name + ' ' + claims.get(name)))
        .toList();
  }
}
