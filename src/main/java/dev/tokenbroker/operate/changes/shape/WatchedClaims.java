package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Rule;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The claims to watch, by issuer: {@code sub}, {@code aud}, and those that rules of the federation
 * read, in the order of the rules. At most {@value #MAX} for each issuer. Immutable.
 */
final class WatchedClaims {

  static final int MAX = 32;

  private static final ClaimPath SUB = ClaimPath.of("sub");
  private static final ClaimPath AUD = ClaimPath.of("aud");
  private static final Comparator<ClaimPath> BY_NAME = Comparator.comparing(ClaimPath::toString);

  private final String revision;
  private final Map<String, WatchedIssuer> byName = new HashMap<>();

  /**
   * An issuer whose claims are watched.
   *
   * @param identifier its {@code iss}
   * @param entry its name in the document, if several entries have that {@code iss}; else empty
   */
  record WatchedIssuer(String identifier, String entry, List<WatchedClaim> claims) {

    WatchedIssuer {
      claims = List.copyOf(claims);
    }
  }

  WatchedClaims(Federation federation) {
    this.revision = federation.revision();
    Policy policy = federation.policy();
    for (TrustedIssuer issuer : federation.issuers().all()) {
      List<WatchedClaim> claims =
          claims(
              policy, policy.rules().stream().filter(rule -> rule.isFor(issuer.name())).toList());
      boolean alone = federation.issuers().entries(issuer.issuer()).size() == 1;
      byName.put(
          issuer.name(), new WatchedIssuer(issuer.issuer(), alone ? "" : issuer.name(), claims));
    }
  }

  private static List<WatchedClaim> claims(Policy policy, List<Rule> rules) {
    Map<ClaimPath, Set<Rule>> readers = new LinkedHashMap<>();
    readers.put(SUB, new LinkedHashSet<>());
    readers.put(AUD, new LinkedHashSet<>());
    for (Rule rule : rules) {
      for (ClaimUses uses : policy.uses(rule)) {
        uses.paths().stream().sorted(BY_NAME).forEach(path -> addReader(readers, path, rule));
      }
      if (rule.terms().subject() == null) {
        addReader(readers, SUB, rule); // it becomes the sub of the token
      }
    }
    return readers.entrySet().stream()
        .map(entry -> claim(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static WatchedClaim claim(ClaimPath path, Set<Rule> readers) {
    return new WatchedClaim(
        path,
        readers.stream().map(Rule::name).toList(),
        readers.stream().map(rule -> Clue.claims(rule.audience())).collect(Collectors.toSet()));
  }

  private static void addReader(Map<ClaimPath, Set<Rule>> readers, ClaimPath path, Rule rule) {
    if (readers.size() < MAX || readers.containsKey(path)) {
      readers.computeIfAbsent(path, _ -> new LinkedHashSet<>()).add(rule);
    }
  }

  /** Whether they are the claims of that federation. */
  boolean isOf(Federation federation) {
    return revision.equals(federation.revision());
  }

  /** The issuer with this name in the federation document; null if there is none. */
  @Nullable WatchedIssuer named(String name) {
    return byName.get(name);
  }

  List<WatchedIssuer> issuers() {
    return List.copyOf(byName.values());
  }

  Set<String> names() {
    return Set.copyOf(byName.keySet());
  }
}
