package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.operate.cases.CandidateEffect;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An identity and a target for which the candidate decides otherwise. All texts are cleaned.
 *
 * @param issuer the name of the issuer in the federation in force
 * @param subject the subject of the credential
 * @param scopes the requested scopes, sorted; empty for all that are granted
 * @param claims the claims that a rule of either federation reads, as text
 * @param inForce the last decision of the federation in force
 * @param candidate the last decision of the candidate
 * @param count the number of exchanges
 * @param firstTime the evaluation time of the first of them
 * @param lastTime the evaluation time of the last of them
 */
public record DecisionDifference(
    CandidateEffect effect,
    String issuer,
    String subject,
    String target,
    List<String> scopes,
    Map<String, String> claims,
    FederationDecision inForce,
    FederationDecision candidate,
    long count,
    Instant firstTime,
    Instant lastTime) {

  public DecisionDifference {
    scopes = List.copyOf(scopes);
    claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
  }

  /** A text that is the same for differences that are counted together. */
  String key() {
    return String.join("\n", effect.label(), issuer, subject, target, String.join(" ", scopes));
  }

  /** The same difference with these numbers. */
  DecisionDifference counted(long total, Instant first, Instant last) {
    return new DecisionDifference(
        effect, issuer, subject, target, scopes, claims, inForce, candidate, total, first, last);
  }
}
