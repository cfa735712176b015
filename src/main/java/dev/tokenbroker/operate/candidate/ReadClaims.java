package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.evaluate.exchange.Judged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.operate.cases.ValueText;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Shows the claims that rules of two federations read, by issuer and target. Immutable. */
final class ReadClaims {

  /** The most claims to show of an identity. */
  static final int MAX = 20;

  private final Map<String, Set<String>> names = new HashMap<>();

  ReadClaims(Federation inForce, Federation candidate) {
    for (Federation federation : List.of(inForce, candidate)) {
      add(federation);
    }
  }

  private void add(Federation federation) {
    Map<String, String> identifiers =
        federation.issuers().all().stream()
            .collect(Collectors.toMap(TrustedIssuer::name, TrustedIssuer::issuer));
    federation
        .policy()
        .rules()
        .forEach(
            rule -> {
              String iss = identifiers.getOrDefault(rule.issuerName(), "");
              Set<String> read =
                  names.computeIfAbsent(key(iss, rule.audience()), _ -> new TreeSet<>());
              rule.uses().forEach(uses -> read.addAll(uses.claims()));
            });
  }

  private static String key(String iss, String target) {
    return iss + '\n' + target;
  }

  /** The claims of an identity as text, sorted by name. */
  Map<String, String> of(Judged judged) {
    Map<String, String> shown = new LinkedHashMap<>();
    Map<String, Object> claims = judged.identity().claims();
    String key = key(judged.identity().issuer().issuer(), judged.target());
    for (String name : names.getOrDefault(key, Set.of())) {
      Object value = claims.get(name);
      if (value != null && shown.size() < MAX) {
        shown.put(ValueText.of(name), ValueText.of(value));
      }
    }
    return shown;
  }
}
