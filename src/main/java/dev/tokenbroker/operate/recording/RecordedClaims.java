package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Rule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses the claims to record, in the clear: the claims that the issuer's rules and their targets
 * read, and the operator's list. It never records claims that differ in each credential, for
 * example {@code jti} and the times.
 */
final class RecordedClaims {

  /** Claims that do not identify the holder. They would make each request distinct. */
  private static final Set<String> OF_ONE_CREDENTIAL =
      Set.of(
          """
          iss jti iat exp nbf auth_time updated_at nonce at_hash c_hash s_hash cnf"""
              .split(" "));

  private final List<String> always;
  private final Set<String> never;
  private String revision = "";
  private final Map<String, Set<String>> read = new HashMap<>();

  RecordedClaims(RecordingSettings settings) {
    this.always = settings.claims().orElse(List.of());
    this.never = new HashSet<>(settings.drop().orElse(List.of()));
    never.addAll(OF_ONE_CREDENTIAL);
  }

  /** Returns the request in the form of a recording. */
  RecordedRequest of(Judged judged, String target, Federation federation) {
    Map<String, Object> recorded = new HashMap<>();
    Set<String> absent = new HashSet<>();
    Map<String, Object> claims = judged.identity().claims();
    String issuer = judged.identity().issuer().name();
    for (String name : names(issuer, federation)) {
      Object value = claims.get(name);
      if (value == null) {
        absent.add(name);
      } else {
        recorded.put(name, value);
      }
    }
    return new RecordedRequest(
        issuer,
        judged.identity().issuer().issuer(),
        judged.client(),
        target,
        judged.scopes().stream().map(Evidence::clean).sorted().distinct().toList(),
        judged.certificate(),
        judged.proof(),
        recorded,
        absent);
  }

  private Set<String> names(String issuer, Federation federation) {
    if (!federation.revision().equals(revision)) {
      read.clear();
      revision = federation.revision();
    }
    return read.computeIfAbsent(issuer, name -> read(name, federation.policy()));
  }

  private Set<String> read(String issuer, Policy policy) {
    Set<String> names = new HashSet<>(always);
    List<Rule> ofIssuer = policy.rules().stream().filter(rule -> rule.isFor(issuer)).toList();
    ofIssuer.forEach(rule -> policy.uses(rule).forEach(uses -> names.addAll(uses.claims())));
    if (ofIssuer.isEmpty() || ofIssuer.stream().anyMatch(rule -> rule.terms().subject() == null)) {
      names.add("sub");
    }
    names.removeAll(never);
    return names;
  }
}
