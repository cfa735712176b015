package dev.tokenbroker.operate.lint;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.operate.lint.TypeLint.ClaimType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Warns of dangerous or dead entries in a document without problems. It reads only the document and
 * judges no credential. It reports only what the document proves.
 */
public final class Lint {

  private Lint() {}

  /** The warnings that no comment silences, by file and line. */
  public static List<Warning> of(Loaded loaded) {
    return of(loaded, Map.of());
  }

  /**
   * Returns the warnings, with further types of claims.
   *
   * @param seen the types found in credentials, by the name of the issuer and by claim
   */
  public static List<Warning> of(Loaded loaded, Map<String, Map<String, Set<ClaimType>>> seen) {
    Findings findings = new Findings(loaded.outline());
    look(loaded.federation(), seen, findings);
    Silences silences = Silences.of(loaded.outline().sources());
    List<Warning> warnings = new ArrayList<>();
    for (Map.Entry<Warning, Place> found : findings.found().entrySet()) {
      if (!silences.cover(found.getKey(), found.getValue())) {
        warnings.add(found.getKey());
      }
    }
    Findings ofSilences = new Findings(loaded.outline());
    silences.warn(ofSilences);
    warnings.addAll(ofSilences.found().keySet());
    return warnings.stream().sorted().toList();
  }

  private static void look(
      Federation federation, Map<String, Map<String, Set<ClaimType>>> seen, Findings findings) {
    Map<String, TrustedIssuer> issuers =
        federation.issuers().all().stream()
            .collect(Collectors.toMap(TrustedIssuer::name, issuer -> issuer));
    OwnerLint owners = new OwnerLint(findings);
    TextLint texts = new TextLint(findings);
    TypeLint types = new TypeLint(seen, findings);
    SubjectLint subjects = new SubjectLint(federation, findings);
    HiddenRules hidden = new HiddenRules(findings);
    HolderLint holders = new HolderLint(federation, findings);
    federation.policy().rules().stream()
        .map(rule -> LintedRule.of(rule, issuers.get(rule.issuerName())))
        .forEach(
            rule -> {
              texts.look(rule);
              hidden.look(rule);
              if (rule.issuer() != null) {
                owners.look(rule);
                types.look(rule);
                subjects.look(rule);
                holders.look(rule);
              }
            });
    new EntryLint(federation, findings).look();
  }
}
