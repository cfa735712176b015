package dev.tokenbroker.rehearsal;

import dev.tokenbroker.credential.AssumedIdentity;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.Place;
import dev.tokenbroker.federation.Problems;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.policy.GrantRequest;
import dev.tokenbroker.policy.Target;
import dev.tokenbroker.possession.AssumedKeys;
import dev.tokenbroker.possession.ProvedKeys;
import dev.tokenbroker.rehearsal.CaseFile.TestCase;
import dev.tokenbroker.rehearsal.CaseFile.Workload;
import dev.tokenbroker.rehearsal.CaseReport.Pair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Judges the cases of files by one federation. Each identity of a file and each target of the
 * federation is judged: a pair that no case names is expected to be refused, whatever keys its
 * caller proves.
 */
final class CaseRunner {

  /** The most pairs of an identity and a target that one file may lead to. */
  static final int MAX_PAIRS = 200_000;

  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final ProvedKeys ALL_KEYS = AssumedKeys.of(true, true);

  private final Federation federation;
  private final InstantSource clock;
  private final Map<String, TrustedIssuer> issuers = new HashMap<>();
  private final RuleCoverage coverage;

  CaseRunner(Federation federation, InstantSource clock) {
    this.federation = federation;
    this.clock = clock;
    this.coverage = new RuleCoverage(federation.policy());
    federation.issuers().all().forEach(issuer -> issuers.put(issuer.name(), issuer));
  }

  /** How often each rule has accepted and refused in what was judged so far. */
  RuleCoverage coverage() {
    return coverage;
  }

  /** Judges a file; reports what makes it unfit for this federation, and then judges nothing. */
  CaseReport run(CaseFile file, Problems problems) {
    int before = problems.reports();
    check(file, problems);
    return new CaseReport(
        file.file(),
        federation.revision(),
        problems.reports() > before ? List.of() : List.copyOf(pairs(file)));
  }

  private void check(CaseFile file, Problems problems) {
    for (Workload identity : file.identities().values()) {
      if (!issuers.containsKey(identity.issuer())) {
        problems.at(
            new Place(file.file(), identity.line()),
            "the federation has no issuer '" + identity.issuer() + "'",
            "Name an issuer as the federation document does.");
      }
    }
    long pairs = (long) file.identities().size() * federation.policy().targets().size();
    for (TestCase one : file.cases()) {
      pairs += (long) one.identities().size() * one.audiences().size();
      if (one.expected() instanceof Expectation.ByRule expected && !has(expected.rule())) {
        problems.at(
            new Place(file.file(), one.line()),
            "the federation has no rule '" + expected.rule() + "'",
            "Name a rule of the federation document.");
      }
    }
    if (pairs > MAX_PAIRS) {
      problems.at(
          new Place(file.file(), 1),
          "the file leads to more than " + MAX_PAIRS + " pairs of an identity and a target",
          "Divide it into several files.");
    }
  }

  private boolean has(String rule) {
    return federation.policy().rules().stream().anyMatch(one -> one.name().equals(rule));
  }

  private List<Pair> pairs(CaseFile file) {
    Instant now = Objects.requireNonNullElseGet(file.now(), clock::instant);
    Map<String, VerifiedIdentity> identities = new HashMap<>();
    file.identities().forEach((name, identity) -> identities.put(name, assumed(identity, now)));
    List<Pair> pairs = new ArrayList<>();
    Set<List<String>> named = new HashSet<>();
    for (TestCase one : file.cases()) {
      for (String identity : one.identities()) {
        for (String audience : one.audiences()) {
          named.add(List.of(identity, audience));
          Judgement judgement =
              judge(
                  Objects.requireNonNull(identities.get(identity)),
                  one.request(audience),
                  one.proved().keys(),
                  now);
          pairs.add(
              new Pair(one.name(), one.line(), identity, audience, one.expected(), judgement));
        }
      }
    }
    file.identities().values().stream()
        .flatMap(identity -> unlisted(identity, identities, named, now).stream())
        .forEach(pairs::add);
    return pairs;
  }

  private List<Pair> unlisted(
      Workload identity,
      Map<String, VerifiedIdentity> identities,
      Set<List<String>> named,
      Instant now) {
    List<Pair> pairs = new ArrayList<>();
    for (Target target : federation.policy().targets()) {
      if (!named.contains(List.of(identity.name(), target.audience()))) {
        Judgement judgement =
            judge(
                Objects.requireNonNull(identities.get(identity.name())),
                new GrantRequest(target.audience(), Set.of(), null),
                ALL_KEYS,
                now);
        pairs.add(
            new Pair(
                Pair.UNLISTED,
                identity.line(),
                identity.name(),
                target.audience(),
                new Expectation.Unlisted(),
                judgement));
      }
    }
    return pairs;
  }

  private Judgement judge(
      VerifiedIdentity identity, GrantRequest request, ProvedKeys keys, Instant now) {
    Judgement judgement = Judgement.of(federation.policy(), identity, request, keys, now);
    coverage.count(identity.issuer().name(), request.audience(), judgement);
    return judgement;
  }

  /** With the registered claims that each credential has, where the file does not give them. */
  private VerifiedIdentity assumed(Workload identity, Instant now) {
    TrustedIssuer issuer = Objects.requireNonNull(issuers.get(identity.issuer()));
    Map<String, Object> claims = new HashMap<>(identity.claims());
    claims.putIfAbsent("iss", issuer.issuer());
    claims.putIfAbsent("aud", issuer.audiences().stream().sorted().findFirst().orElseThrow());
    claims.putIfAbsent("iat", now.getEpochSecond());
    claims.putIfAbsent("exp", now.plus(LIFE).getEpochSecond());
    Instant end =
        claims.get("exp") instanceof Long seconds ? Instant.ofEpochSecond(seconds) : now.plus(LIFE);
    return AssumedIdentity.of(
        issuer, String.valueOf(claims.get("sub")), end, Collections.unmodifiableMap(claims));
  }
}
