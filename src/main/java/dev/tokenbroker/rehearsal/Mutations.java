package dev.tokenbroker.rehearsal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Changes one claim at a time in each request that the candidate accepts. It counts how often a
 * rule still accepts the request. If a rule always does, that claim does not bind the rule: perhaps
 * the rule lacks a check of the branch.
 */
public final class Mutations {

  private final Map<String, Map<String, MutationTally>> rules = new TreeMap<>();

  /**
   * Counts the requests with one changed claim.
   *
   * @param accepted the requests that a rule still accepts
   * @param unknown the requests that cannot be judged with another value
   */
  public record MutationTally(int changed, int accepted, int unknown) {

    private MutationTally plus(Replay.Acceptance now) {
      return new MutationTally(
          changed + 1, accepted + (now.rule() != null ? 1 : 0), unknown + (now.isKnown() ? 0 : 1));
    }
  }

  /** Tries all requests. */
  public static Mutations of(Replay replay, List<RecordedRequest.Line> lines) {
    Mutations mutations = new Mutations();
    for (RecordedRequest.Line line : lines) {
      String rule = replay.acceptance(line).rule();
      if (rule != null) {
        mutations.tryEach(replay, line, rule);
      }
    }
    return mutations;
  }

  private void tryEach(Replay replay, RecordedRequest.Line line, String rule) {
    RecordedRequest request = line.request();
    for (String claim : request.clear().keySet()) {
      Map<String, Object> clear = new HashMap<>(request.clear());
      clear.computeIfPresent(claim, (_, value) -> changed(value));
      note(rule, claim, replay.acceptance(with(line, clear, request.keyed())));
    }
    for (String claim : request.keyed().keySet()) {
      Map<String, Object> keyed = new HashMap<>(request.keyed());
      keyed.computeIfPresent(claim, (_, value) -> changedKey(value));
      note(rule, claim, replay.acceptance(with(line, request.clear(), keyed)));
    }
  }

  private void note(String rule, String claim, Replay.Acceptance now) {
    rules
        .computeIfAbsent(rule, _ -> new TreeMap<>())
        .merge(claim, new MutationTally(0, 0, 0).plus(now), (old, _) -> old.plus(now));
  }

  /** The request with these claims. Its ending was that of others, so it has none. */
  private static RecordedRequest.Line with(
      RecordedRequest.Line line, Map<String, Object> clear, Map<String, Object> keyed) {
    RecordedRequest made = line.request();
    return new RecordedRequest.Line(
        new RecordedRequest(
            made.issuer(),
            made.iss(),
            made.target(),
            made.scopes(),
            made.certificate(),
            made.proof(),
            clear,
            keyed,
            made.absent()),
        new RecordedRequest.Ending(null, null, ""),
        line.count(),
        line.first(),
        line.last());
  }

  /** Returns another keyed value of the same type. */
  private static Object changedKey(Object keyed) {
    return switch (keyed) {
      case List<?> _ -> List.of("string:(changed)");
      case Map<?, ?> map -> {
        Map<String, Object> members = new HashMap<>();
        map.forEach((name, member) -> members.put((String) name, changedKey(member)));
        yield members;
      }
      default -> keyed.toString().replaceFirst(":.*", ":(changed)");
    };
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
