package dev.tokenbroker.rehearsal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes one claim at a time in each request that the candidate accepts. It counts how often a
 * rule still accepts the request. If a rule always does, that claim does not bind the rule: perhaps
 * the rule lacks a check of the branch.
 */
public final class Mutations {

  private final Map<String, Map<String, MutationTally>> rules = new TreeMap<>();

  /**
   * The results for requests after a change of one claim.
   *
   * @param accepted the requests that the same or another rule still accepts
   */
  public record MutationTally(int changed, int accepted) {

    private MutationTally plus(boolean stillAccepted) {
      return new MutationTally(changed + 1, accepted + (stillAccepted ? 1 : 0));
    }
  }

  /** Tries all requests. */
  public static Mutations of(Replay replay, List<RecordedRequest.Line> lines) {
    Mutations mutations = new Mutations();
    for (RecordedRequest.Line line : lines) {
      String rule = replay.acceptedBy(line);
      if (rule != null) {
        mutations.tryEach(replay, line, rule);
      }
    }
    return mutations;
  }

  private void tryEach(Replay replay, RecordedRequest.Line line, String rule) {
    RecordedRequest request = line.request();
    request
        .clear()
        .forEach(
            (claim, value) ->
                note(
                    rule,
                    claim,
                    replay.acceptedBy(with(line, claim, changed(value), request.keyed()))));
    for (String claim : request.keyed().keySet()) {
      Map<String, Object> keyed = new HashMap<>(request.keyed());
      keyed.put(claim, "string:(changed)");
      note(rule, claim, replay.acceptedBy(with(line, null, "", keyed)));
    }
  }

  private void note(String rule, String claim, @Nullable String acceptedBy) {
    rules
        .computeIfAbsent(rule, _ -> new TreeMap<>())
        .merge(
            claim,
            new MutationTally(0, 0).plus(acceptedBy != null),
            (old, _) -> old.plus(acceptedBy != null));
  }

  private static RecordedRequest.Line with(
      RecordedRequest.Line line, @Nullable String claim, Object value, Map<String, Object> keyed) {
    RecordedRequest made = line.request();
    Map<String, Object> clear = new HashMap<>(made.clear());
    if (claim != null) {
      clear.put(claim, value);
    }
    return new RecordedRequest.Line(
        new RecordedRequest(
            made.issuer(),
            made.target(),
            made.scopes(),
            made.certificate(),
            made.proof(),
            clear,
            keyed,
            made.absent()),
        line.ending(),
        line.count(),
        line.first(),
        line.last());
  }

  /** Returns another value of the same type. */
  private static Object changed(Object value) {
    return switch (value) {
      case Boolean flag -> !flag;
      case Long number -> number + 1;
      case Double number -> number + 1;
      case List<?> _ -> List.of("changed");
      case Map<?, ?> _ -> Map.of("changed", true);
      default -> "changed-" + value;
    };
  }

  /** The counts by rule and claim. */
  public Map<String, Map<String, MutationTally>> rules() {
    return rules;
  }
}
