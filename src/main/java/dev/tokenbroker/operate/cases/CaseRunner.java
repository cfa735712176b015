package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.AssumedIdentity;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.possession.AssumedKeys;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.operate.cases.CaseFile.TestCase;
import dev.tokenbroker.operate.cases.CaseFile.Workload;
import dev.tokenbroker.operate.cases.CaseReport.Pair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges case files by one federation. It judges each pair of an identity in the file and a target
 * in the federation. A pair without a case must be refused, whatever keys its caller proves, and
 * whatever client that a rule names it is.
 */
final class CaseRunner {

  /** The most pairs of an identity and a target in all files together. */
  static final int MAX_PAIRS = 200_000;

  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final ProvedKeys ALL_KEYS = AssumedKeys.of(true, true);

  private final Federation federation;
  private final InstantSource clock;
  private final Problems problems;
  private final Map<String, TrustedIssuer> issuers = new HashMap<>();
  private final Map<String, Rule> rules = new HashMap<>();
  private final RuleCoverage coverage;
  private long pairs;

  /**
   * @param problems receives the problems of a file with this federation
   */
  CaseRunner(Federation federation, InstantSource clock, Problems problems) {
    this.federation = federation;
    this.clock = clock;
    this.problems = problems;
    this.coverage = new RuleCoverage(federation.policy());
    federation.policy().rules().forEach(rule -> rules.put(rule.name(), rule));
    federation.issuers().all().forEach(issuer -> issuers.put(issuer.name(), issuer));
    federation.clients().issuers().forEach(client -> issuers.put(client.name(), client));
  }

  /** Returns how often each rule has accepted and refused so far. */
  RuleCoverage coverage() {
    return coverage;
  }

  /** Judges a file. A file with problems gets no judgements. */
  CaseReport run(CaseFile file) {
    // Credentials have whole seconds. So a token can live exactly as long as its credential.
    Instant now =
        (file.now() == null ? clock.instant() : file.now()).truncatedTo(ChronoUnit.SECONDS);
    int before = problems.reports();
    Map<String, VerifiedIdentity> identities = new LinkedHashMap<>();
    file.identities().forEach((name, identity) -> assume(file, identity, now, identities));
    check(file);
    return new CaseReport(
        file.file(),
        federation.revision(),
        problems.reports() > before ? List.of() : List.copyOf(pairs(file, identities, now)));
  }

  // --- before judging

  private void assume(
      CaseFile file, Workload identity, Instant now, Map<String, VerifiedIdentity> identities) {
    Place place = new Place(file.file(), identity.line());
    TrustedIssuer issuer = issuers.get(identity.issuer());
    if (issuer == null) {
      problems.at(
          place,
          "the federation has no issuer '" + identity.issuer() + "'",
          "Name an issuer as the federation document does.");
      return;
    }
    switch (AssumedIdentity.at(issuer, claims(identity, issuer, now), now)) {
      case Outcome.Accepted<VerifiedIdentity>(VerifiedIdentity assumed) ->
          identities.put(identity.name(), assumed);
      case Outcome.Refused<VerifiedIdentity>(Refusal why) ->
          problems.at(
              place,
              "a credential of the identity '%s' is refused before any rule: %s (expected: %s; got: %s)"
                  .formatted(identity.name(), why.reason(), why.expected(), why.seen()),
              "Correct its claims, or 'now'.");
    }
  }

  /** Adds the registered claims that every credential has, if the file omits them. */
  private static Map<String, Object> claims(Workload identity, TrustedIssuer issuer, Instant now) {
    Map<String, Object> claims = new HashMap<>(identity.claims());
    claims.putIfAbsent("iss", issuer.issuer());
    claims.putIfAbsent("aud", Collections.min(issuer.audiences()));
    claims.putIfAbsent("iat", now.getEpochSecond());
    claims.putIfAbsent("exp", now.plus(LIFE).getEpochSecond());
    return Collections.unmodifiableMap(claims);
  }

  private void check(CaseFile file) {
    pairs += (long) file.identities().size() * federation.policy().targets().size();
    for (TestCase one : file.cases()) {
      pairs += (long) one.identities().size() * one.audiences().size();
      if (one.expected() instanceof Expectation.ByRule expected) {
        checkRule(expected.rule(), new Place(file.file(), one.line()));
      }
      if (one.client() != null
          && federation.clients().exchanging(one.client())
              instanceof Outcome.Refused<RegisteredClient>(Refusal why)) {
        problems.at(
            new Place(file.file(), one.line()),
            "the client '" + one.client() + "' is refused before any rule: " + why.reason(),
            "Name a client of the federation document that may exchange.");
      }
    }
    if (pairs > MAX_PAIRS) {
      problems.at(
          new Place(file.file(), 1),
          "all files up to this one lead to more than "
              + MAX_PAIRS
              + " pairs of an identity and a target",
          "Use fewer identities.");
    }
  }

  private void checkRule(String name, Place place) {
    Rule rule = rules.get(name);
    if (rule == null) {
      problems.at(
          place,
          "the federation has no rule '" + name + "'",
          "Name a rule of the federation document.");
    } else if (rule.shadow()) {
      problems.at(
          place,
          "the rule '" + name + "' is a shadow rule, which accepts nothing",
          "Name the rule that decides, or remove 'shadow' from this one.");
    }
  }

  // --- judging

  private List<Pair> pairs(CaseFile file, Map<String, VerifiedIdentity> identities, Instant now) {
    List<Pair> judged = new ArrayList<>();
    Map<String, Set<String>> named = new HashMap<>();
    for (TestCase one : file.cases()) {
      for (String name : one.identities()) {
        VerifiedIdentity identity = identities.get(name);
        if (identity == null) {
          continue; // the reader and assume() have reported it
        }
        named.computeIfAbsent(name, _ -> new HashSet<>()).addAll(one.audiences());
        for (String audience : one.audiences()) {
          Judgement judgement =
              judge(
                  identity,
                  one.request(audience).by(client(identity, one.client())),
                  one.proved().keys(),
                  now);
          judged.add(new Pair(one.name(), one.line(), name, audience, one.expected(), judgement));
        }
      }
    }
    for (Workload workload : file.identities().values()) {
      VerifiedIdentity identity = identities.get(workload.name());
      Set<String> listed = named.getOrDefault(workload.name(), Set.of());
      for (Target target : federation.policy().targets()) {
        if (identity != null && !listed.contains(target.audience())) {
          judged.add(unlisted(workload, identity, target.audience(), now));
        }
      }
    }
    return judged;
  }

  private Pair unlisted(
      Workload workload, VerifiedIdentity identity, String audience, Instant now) {
    GrantRequest request = new GrantRequest(audience, Set.of(), null);
    Judgement judgement = judge(identity, request.by(client(identity, null)), ALL_KEYS, now);
    for (Rule rule : federation.policy().rules()) {
      if (rule.client() != null
          && judgement instanceof Judgement.Denied
          && rule.audience().equals(audience)
          && rule.isFor(identity.issuer().name())) {
        judgement = judge(identity, request.by(rule.client()), ALL_KEYS, now);
      }
    }
    return new Pair(
        Pair.UNLISTED,
        workload.line(),
        workload.name(),
        audience,
        new Expectation.Unlisted(),
        judgement);
  }

  /** The client of a request, as an exchange finds it; null if there is none. */
  private @Nullable String client(VerifiedIdentity identity, @Nullable String named) {
    return federation.clients().exchanging(identity, named)
            instanceof Outcome.Accepted<Optional<String>>(Optional<String> client)
        ? client.orElse(null)
        : null;
  }

  private Judgement judge(
      VerifiedIdentity identity, GrantRequest request, ProvedKeys keys, Instant now) {
    Judgement judgement = Judgement.of(federation.policy(), identity, request, keys, now);
    coverage.count(identity.issuer().name(), request, judgement);
    return judgement;
  }
}
