package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.Trail;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The facts of a disclosed verdict about the step that failed, the most telling first. Every edge
 * puts them beside a reason.
 */
public final class DisclosedFacts {

  private DisclosedFacts() {}

  /** The facts by their names in the API. */
  public static Map<String, String> of(Verdict disclosed) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (Trail.Finding step : disclosed.steps()) {
      if (step.result() == Trail.Result.FAILED) {
        facts.put("step", step.step().label());
        putUnlessEmpty(facts, "seen", step.seen());
        putUnlessEmpty(facts, "expected", step.expected());
      }
    }
    for (int at = 0; at < disclosed.hints().size(); at++) {
      facts.put(at == 0 ? "hint" : "hint_" + (at + 1), disclosed.hints().get(at));
    }
    if (disclosed.issuer() != null) {
      facts.put("issuer", disclosed.issuer());
    }
    if (disclosed.rule() != null) {
      facts.put("rule", disclosed.rule());
    }
    putUnlessEmpty(facts, "federation_revision", disclosed.federationRevision());
    return facts;
  }

  private static void putUnlessEmpty(Map<String, String> facts, String name, String value) {
    if (!value.isEmpty()) {
      facts.put(name, value);
    }
  }
}
