package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Trail;
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
        JsonBytes.putUnlessEmpty(facts, "seen", step.seen());
        JsonBytes.putUnlessEmpty(facts, "expected", step.expected());
      }
    }
    for (int at = 0; at < disclosed.hints().size(); at++) {
      facts.put(at == 0 ? "hint" : "hint_" + (at + 1), disclosed.hints().get(at));
    }
    JsonBytes.putUnlessEmpty(facts, "issuer", disclosed.issuer());
    JsonBytes.putUnlessEmpty(facts, "rule", disclosed.rule());
    JsonBytes.putUnlessEmpty(facts, "federation_revision", disclosed.federationRevision());
    return facts;
  }
}
