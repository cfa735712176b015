package dev.tokenbroker.rehearsal;

import dev.tokenbroker.exchange.Judged;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.policy.Rule;
import dev.tokenbroker.rehearsal.RecordingSettings.Mode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the claims to record: the claims that the issuer's rules read, and the operator's list.
 * It never records claims that differ in each credential, for example {@code jti} and the times.
 */
final class RecordedClaims {

  /** Claims that do not identify the holder. They would make each request distinct. */
  static final Set<String> OF_ONE_CREDENTIAL =
      Set.of("iss jti iat exp nbf nonce at_hash c_hash s_hash cnf".split(" "));

  private final ClaimMask.Plan plan;
  private final @Nullable ClaimMask mask;
  private final List<String> always;
  private String revision = "";
  private Map<String, Set<String>> read = Map.of();

  RecordedClaims(ClaimMask.Plan plan, @Nullable ClaimMask mask, List<String> always) {
    this.plan = plan;
    this.mask = mask;
    this.always = always;
  }

  /** Returns the request in the form of a recording. */
  RecordedRequest of(Judged judged, String target, Federation federation) {
    Map<String, Object> clear = new HashMap<>();
    Map<String, Object> keyed = new HashMap<>();
    Set<String> absent = new HashSet<>();
    Map<String, Object> claims = judged.identity().claims();
    String issuer = judged.identity().issuer().name();
    for (String name : names(issuer, federation)) {
      Object value = claims.get(name);
      Mode mode = plan.of(name);
      if (mode == Mode.DROP) {
        continue;
      }
      if (value == null) {
        absent.add(name);
      } else if (mode == Mode.KEYED && mask != null) {
        keyed.put(name, mask.of(value));
      } else if (mode == Mode.CLEAR) {
        clear.put(name, value);
      }
    }
    return new RecordedRequest(
        issuer,
        judged.identity().issuer().issuer(),
        target,
        judged.scopes().stream().map(Evidence::clean).sorted().distinct().toList(),
        judged.certificate(),
        judged.proof(),
        clear,
        keyed,
        absent);
  }

  private Set<String> names(String issuer, Federation federation) {
    if (!federation.revision().equals(revision)) {
      read = read(federation.policy().rules());
      revision = federation.revision();
    }
    return read.getOrDefault(issuer, withoutRules());
  }

  /** The claims of an issuer that no rule names yet. */
  private Set<String> withoutRules() {
    Set<String> names = new HashSet<>(always);
    names.add("sub");
    names.removeAll(OF_ONE_CREDENTIAL);
    return names;
  }

  private Map<String, Set<String>> read(List<Rule> rules) {
    Map<String, Set<String>> names = new HashMap<>();
    for (Rule rule : rules) {
      Set<String> ofIssuer = names.computeIfAbsent(rule.issuerName(), _ -> new HashSet<>(always));
      rule.uses().forEach(uses -> ofIssuer.addAll(uses.claims().keySet()));
      if (rule.terms().subject() == null) {
        ofIssuer.add("sub");
      }
    }
    names.values().forEach(ofIssuer -> ofIssuer.removeAll(OF_ONE_CREDENTIAL));
    return names;
  }
}
